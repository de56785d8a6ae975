package org.porchlight.relay.rtsp.client;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What was learned of one camera, kept from connection to connection: how it authenticates, which transport and keepalive it honours, where it
 * redirected us, which rules it breaks. Owner: the loop of the source.
 */
public final class CameraMemory {
    private static final int MAX_REDIRECTS = 5;
    private static final int MAX_START_OVERS = 6;

    /** Requests for a keyframe without answer, one after the other, after which a camera is not asked again: it never answered, and it did before or said it would. */
    private static final int KEYFRAME_TRIALS = 3;

    private static final int KEYFRAME_PATIENCE = 10;

    private final RtspUrl configured;
    private final TransportChoice choice;
    private final @Nullable CameraCredentials credentials;
    private final Supplier<String> clientNonces;
    private final Set<CameraQuirk> quirks = EnumSet.noneOf(CameraQuirk.class);
    private final Set<KeepaliveMethod> deadKeepalives = EnumSet.noneOf(KeepaliveMethod.class);
    private Set<KeepaliveMethod> offeredKeepalives = EnumSet.noneOf(KeepaliveMethod.class);
    private ClientAuthentication authentication;
    private ClientAuthentication tunnelAuthentication;
    private RtspUrl target;
    private boolean udp;
    private boolean otherTransportTried;
    private boolean optionsUseless;
    private int redirects;
    private int startOvers;
    private boolean keyframeRequestAnswered;
    private int keyframeRequestsIgnored;

    /**
     * @param configured where the camera is
     * @param credentials null: none
     * @param choice the transports allowed
     * @param clientNonces unpredictable texts of hexadecimal digits, for Digest
     */
    public CameraMemory(
            RtspUrl configured,
            @Nullable CameraCredentials credentials,
            TransportChoice choice,
            Supplier<String> clientNonces) {
        this.configured = configured;
        this.credentials = credentials;
        this.choice = choice;
        this.clientNonces = clientNonces;
        this.target = configured;
        this.udp = choice == TransportChoice.UDP || choice == TransportChoice.AUTO_UDP_FIRST;
        this.authentication = new ClientAuthentication(credentials, clientNonces, quirks);
        this.tunnelAuthentication = new ClientAuthentication(credentials, clientNonces, quirks);
    }

    /** Where to connect next. */
    public RtspUrl target() {
        return target;
    }

    /** The transports allowed. */
    public TransportChoice choice() {
        return choice;
    }

    /** Rules that the camera was seen to break; a live view, read only. */
    public Set<CameraQuirk> quirks() {
        return Collections.unmodifiableSet(quirks);
    }

    /** The request that keeps sessions alive, as far as known; null: none works, RTCP alone must do. */
    public @Nullable KeepaliveMethod keepalive() {
        for (KeepaliveMethod method : offeredKeepalives) {
            if (!deadKeepalives.contains(method)) {
                return method;
            }
        }
        for (KeepaliveMethod method : KeepaliveMethod.values()) {
            // unannounced, OPTIONS is the one that every server must know (RFC 2326 section 10.1)
            boolean announcedOnly = offeredKeepalives.isEmpty()
                    && method == KeepaliveMethod.GET_PARAMETER
                    && !deadKeepalives.contains(KeepaliveMethod.OPTIONS);
            if (!deadKeepalives.contains(method) && !announcedOnly) {
                return method;
            }
        }
        return null;
    }

    /** Adds a rule that the camera was seen to break. */
    public void note(CameraQuirk quirk) {
        quirks.add(quirk);
    }

    Set<CameraQuirk> quirkSink() {
        return quirks;
    }

    ClientAuthentication authentication() {
        return authentication;
    }

    /** For the HTTP requests of a tunnel. */
    ClientAuthentication tunnelAuthentication() {
        return tunnelAuthentication;
    }

    boolean usesUdp() {
        return udp;
    }

    boolean skipsOptions() {
        return optionsUseless;
    }

    void onOptionsRefused(boolean silent) {
        quirks.add(CameraQuirk.OPTIONS_REFUSED);
        optionsUseless = silent;
    }

    /** What the camera announced in {@code Public}. */
    void onMethodsAnnounced(String publicHeader) {
        EnumSet<KeepaliveMethod> offered = EnumSet.noneOf(KeepaliveMethod.class);
        for (String word : publicHeader.toUpperCase(Locale.ROOT).split("[,\\s]+")) {
            for (KeepaliveMethod method : KeepaliveMethod.values()) {
                if (method.name().equals(word)) {
                    offered.add(method);
                }
            }
        }
        offeredKeepalives = offered;
    }

    /** A keepalive was refused, not answered, or did not keep the session. */
    void onKeepaliveUseless(KeepaliveMethod method) {
        deadKeepalives.add(method);
        quirks.add(method.refusal());
    }

    /** Whether the choice names more than one transport. */
    boolean mayChangeTransport() {
        return choice == TransportChoice.AUTO || choice == TransportChoice.AUTO_UDP_FIRST;
    }

    /**
     * The other transport from now on, where the choice allows it and it has not been tried. Never from TLS to datagrams, which would travel in
     * clear.
     */
    boolean switchTransport() {
        boolean intoTheClear = !udp && target.tls();
        if (!mayChangeTransport() || otherTransportTried || intoTheClear) {
            return false;
        }
        otherTransportTried = true;
        udp = !udp;
        return true;
    }

    /**
     * Whether asking for a keyframe may be of use.
     *
     * @param announced the camera says that it listens
     */
    boolean mayAskForKeyframe(boolean announced) {
        return keyframeRequestsIgnored < (keyframeRequestAnswered || announced ? KEYFRAME_PATIENCE : KEYFRAME_TRIALS);
    }

    void onKeyframeRequestAnswered() {
        keyframeRequestAnswered = true;
        keyframeRequestsIgnored = 0;
    }

    void onKeyframeRequestIgnored(boolean announced) {
        keyframeRequestsIgnored++;
        if (!mayAskForKeyframe(announced)) {
            quirks.add(CameraQuirk.KEYFRAME_REQUESTS_IGNORED);
        }
    }

    /** Whether one more start-over without a pause is in order. */
    boolean mayStartOver() {
        return ++startOvers <= MAX_START_OVERS;
    }

    /**
     * Follows a redirect (RFC 2326 section 11.3). Credentials go to the configured host only; a way without TLS is never taken instead of one
     * with.
     */
    boolean redirect(String location) {
        RtspUrl next = location.startsWith("/")
                ? target.withPath(RtspUrl.escape(location))
                : RtspUrl.parse(location).map(RtspUrl.Parsed::url).orElse(null);
        if (next == null || ++redirects > MAX_REDIRECTS || (configured.tls() && !next.tls())) {
            return false;
        }
        boolean known = next.host().equalsIgnoreCase(configured.host());
        boolean knownBefore = target.host().equalsIgnoreCase(configured.host());
        if (known != knownBefore) {
            authentication = new ClientAuthentication(known ? credentials : null, clientNonces, quirks);
            tunnelAuthentication = new ClientAuthentication(known ? credentials : null, clientNonces, quirks);
        }
        target = next;
        return true;
    }

    /** The camera has played for a while: it may make us start over again. */
    void onStable() {
        startOvers = 0;
    }

    /** The connection failed: start from the configured place, with a fresh number of redirects and start-overs. */
    public void onFailed() {
        redirects = 0;
        startOvers = 0;
        otherTransportTried = false;
        if (!target.host().equalsIgnoreCase(configured.host())) {
            authentication = new ClientAuthentication(credentials, clientNonces, quirks);
            tunnelAuthentication = new ClientAuthentication(credentials, clientNonces, quirks);
        }
        target = configured;
    }
}
