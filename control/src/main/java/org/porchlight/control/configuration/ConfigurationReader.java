package org.porchlight.control.configuration;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.porchlight.control.access.AccessConfiguration;
import org.porchlight.control.access.ChallengeKind;
import org.porchlight.control.access.PasswordHash;
import org.porchlight.control.access.UserConfiguration;
import org.porchlight.relay.server.Activation;
import org.porchlight.relay.server.CameraConfiguration;
import org.porchlight.relay.server.CameraPattern;
import org.porchlight.relay.server.InvalidSetting;
import org.porchlight.relay.server.LimitConfiguration;
import org.porchlight.relay.server.ListenAddress;
import org.porchlight.relay.server.ListenerConfiguration;
import org.porchlight.relay.server.MediaConfiguration;
import org.porchlight.relay.server.PublishPolicy;
import org.porchlight.relay.server.Secret;
import org.porchlight.relay.server.SourceConfiguration;
import org.porchlight.relay.server.StalenessConfiguration;
import org.porchlight.relay.server.TlsIdentity;
import org.porchlight.relay.server.TlsTrust;
import org.porchlight.relay.server.TransportPreference;
import org.porchlight.relay.server.Visibility;
import org.porchlight.relay.server.WebRtcConfiguration;
import org.yaml.snakeyaml.nodes.Node;

/** Turns the node tree of one file into records: which keys there are, and their defaults. Owner: the reading thread. */
final class ConfigurationReader {
    private final Problems problems;
    private final References references;

    ConfigurationReader(Problems problems, References references) {
        this.problems = problems;
        this.references = references;
    }

    /** What could be read; only of use if there were no problems. */
    NodeConfiguration read(Node root) {
        Section top = Section.of(root, "the configuration", problems);
        ListenerConfiguration listeners = listeners(top.section("listeners"));
        NodeConfiguration configuration = new NodeConfiguration(
                listeners,
                http(top.section("http"), listeners.tls().isPresent()),
                limits(top.section("limits")),
                media(top.section("media")),
                webrtc(top.section("webrtc")),
                staleness(top.section("staleness")),
                management(top.section("management")),
                access(top.section("access")),
                cameras(top.section("cameras")));
        top.build(0, configuration::relay);
        return configuration;
    }

    private HttpConfiguration http(Section section, boolean hasTls) {
        int before = problems.errorCount();
        HttpConfiguration usual = HttpConfiguration.DEFAULT;
        List<ListenAddress> plain = section.has("listen") ? section.addresses("listen") : usual.listen();
        boolean tlsGiven = section.has("listen-tls");
        List<ListenAddress> given = section.addresses("listen-tls");
        if (!given.isEmpty() && !hasTls) {
            problems.error(
                    section.valueNode("listen-tls"),
                    "HTTPS needs a certificate: set listeners.tls with certificate and key");
        }
        List<ListenAddress> effective =
                tlsGiven || !hasTls ? given : List.of(new ListenAddress(ListenAddress.ANY, 8443));
        return section.build(before, () -> new HttpConfiguration(plain, effective))
                .orElse(usual);
    }

    private WebRtcConfiguration webrtc(Section section) {
        int before = problems.errorCount();
        WebRtcConfiguration usual = WebRtcConfiguration.DEFAULT;
        List<ListenAddress> listen = section.has("listen") ? section.addresses("listen") : usual.listen();
        List<InetAddress> addresses = section.list(
                "public-addresses",
                node -> section.scalarOf(node, "public-addresses").flatMap(text -> ipAddress(node, text)));
        return section.build(before, () -> new WebRtcConfiguration(listen, addresses))
                .orElse(usual);
    }

    private Optional<InetAddress> ipAddress(Node node, String text) {
        if (NetUtil.isValidIpV4Address(text) || NetUtil.isValidIpV6Address(text)) {
            return Optional.of(NetUtil.createInetAddressFromIpAddressString(text));
        }
        problems.error(node, Section.shown(text) + " is not an IP address, for example 198.51.100.7 or 2001:db8::7");
        return Optional.empty();
    }

    private ListenerConfiguration listeners(Section section) {
        int before = problems.errorCount();
        ListenerConfiguration usual = ListenerConfiguration.DEFAULT;
        List<ListenAddress> rtsp = section.has("rtsp") ? section.addresses("rtsp") : usual.rtsp();
        boolean rtspsGiven = section.has("rtsps");
        List<ListenAddress> rtsps = section.addresses("rtsps");
        Optional<TlsIdentity> tls = section.has("tls") ? tls(section.section("tls")) : Optional.empty();
        List<ListenAddress> effective =
                rtspsGiven || tls.isEmpty() ? rtsps : List.of(new ListenAddress(ListenAddress.ANY, 8322));
        return section.build(before, () -> new ListenerConfiguration(rtsp, effective, tls))
                .orElse(usual);
    }

    private Optional<TlsIdentity> tls(Section section) {
        int before = problems.errorCount();
        for (String key : List.of("certificate", "key")) {
            if (!section.has(key)) {
                problems.error(section.keyNode(key), "tls needs " + Section.shown(key) + ", the path of a PEM file");
            }
        }
        Optional<String> certificate = references.file(section, "certificate");
        Optional<String> key = references.file(section, "key");
        return section.build(before, () -> new TlsIdentity(certificate.orElse(""), Secret.of(key.orElse(""))));
    }

    private LimitConfiguration limits(Section section) {
        int before = problems.errorCount();
        LimitConfiguration usual = LimitConfiguration.DEFAULT;
        int connections = section.number("connections", usual.connections());
        int perAddress = section.number(
                "connections-per-address", Math.min(usual.connectionsPerAddress(), Math.max(1, connections)));
        return section.build(before, () -> new LimitConfiguration(connections, perAddress))
                .orElse(usual);
    }

    private MediaConfiguration media(Section section) {
        int before = problems.errorCount();
        MediaConfiguration usual = MediaConfiguration.DEFAULT;
        int loops = section.number("loops", usual.loops());
        long all = section.bytes("gop-cache-bytes", usual.gopCacheBytes());
        long each = section.bytes("gop-cache-bytes-per-stream", Math.min(usual.gopCacheBytesPerStream(), all));
        int datagram = section.number("max-datagram-bytes", usual.maxDatagramBytes());
        return section.build(before, () -> new MediaConfiguration(loops, all, each, datagram))
                .orElse(usual);
    }

    private StalenessConfiguration staleness(Section section) {
        int before = problems.errorCount();
        StalenessConfiguration usual = StalenessConfiguration.DEFAULT;
        var maxAge = section.duration("max-age", usual.maxAge());
        long maxBytes = section.bytes("max-bytes", usual.maxBytes());
        var disconnectAfter = section.duration("disconnect-after", usual.disconnectAfter());
        return section.build(before, () -> new StalenessConfiguration(maxAge, maxBytes, disconnectAfter))
                .orElse(usual);
    }

    private ManagementConfiguration management(Section section) {
        int before = problems.errorCount();
        ManagementConfiguration usual = ManagementConfiguration.DEFAULT;
        ListenAddress listen = section.address("listen", usual.listen());
        return section.build(before, () -> new ManagementConfiguration(listen)).orElse(usual);
    }

    private AccessConfiguration access(Section section) {
        int before = problems.errorCount();
        String realm = section.text("realm").orElse(AccessConfiguration.DEFAULT_REALM);
        boolean challengesGiven = section.has("challenges");
        List<ChallengeKind> challenges = section.choices("challenges", ChallengeKind.class);
        Section entries = section.section("users");
        List<UserConfiguration> users = new ArrayList<>();
        for (String name : entries.names()) {
            user(name, entries.keyNode(name), entries.section(name)).ifPresent(users::add);
        }
        return section.build(
                        before,
                        () -> new AccessConfiguration(
                                realm, challengesGiven ? challenges : AccessConfiguration.suitableFor(users), users))
                .orElse(AccessConfiguration.NOBODY);
    }

    private Optional<UserConfiguration> user(String name, Node place, Section section) {
        int before = problems.errorCount();
        Optional<PasswordHash> hash = references
                .secret(section, "password-hash", false)
                .flatMap(text -> section.attempt(() -> PasswordHash.parse(text.reveal())));
        Optional<Secret> password = references.secret(section, "password", true);
        Optional<Secret> md5 = references.secret(section, "digest-md5", true);
        Optional<Secret> sha256 = references.secret(section, "digest-sha256", true);
        Optional<Secret> token = references.secret(section, "token-hash", false);
        List<CameraPattern> view = patterns(section, "view");
        List<CameraPattern> publish = patterns(section, "publish");
        Optional<UserConfiguration> user = section.build(
                before, () -> new UserConfiguration(name, hash, password, md5, sha256, token, view, publish));
        if (user.isPresent() && view.isEmpty() && publish.isEmpty()) {
            problems.warning(place, "user " + Section.shown(name) + " may neither view nor publish anything");
        }
        return user;
    }

    private List<CameraPattern> patterns(Section section, String key) {
        return section.list(key, node -> section.scalarOf(node, key).flatMap(text -> pattern(node, text)));
    }

    private Optional<CameraPattern> pattern(Node node, String text) {
        try {
            return Optional.of(new CameraPattern(text));
        } catch (InvalidSetting e) {
            problems.error(node, Section.shown(text) + ": " + e.getMessage() + ", and * for any characters");
            return Optional.empty();
        }
    }

    private List<CameraConfiguration> cameras(Section section) {
        List<CameraConfiguration> cameras = new ArrayList<>();
        for (String name : section.names()) {
            Section entry = section.section(name);
            Optional<CameraPattern> pattern = pattern(section.keyNode(name), name);
            camera(pattern.orElse(new CameraPattern("*")), entry, pattern.isPresent())
                    .ifPresent(cameras::add);
        }
        return cameras;
    }

    private Optional<CameraConfiguration> camera(CameraPattern name, Section section, boolean nameIsGood) {
        int before = problems.errorCount();
        Visibility visibility = section.choice("visibility", Visibility.class, Visibility.PRIVATE);
        Optional<SourceConfiguration> main = section.has("main") ? source(section.section("main")) : Optional.empty();
        Optional<SourceConfiguration> sub = section.has("sub") ? source(section.section("sub")) : Optional.empty();
        Activation activation = section.choice("activation", Activation.class, Activation.ON_DEMAND);
        PublishPolicy publish = section.choice("publish", PublishPolicy.class, PublishPolicy.OFF);
        long maxBitsPerSecond =
                section.bitsPerSecond("max-bits-per-second", CameraConfiguration.DEFAULT_MAX_BITS_PER_SECOND);
        return section.build(
                nameIsGood ? before : -1,
                () -> new CameraConfiguration(name, visibility, main, sub, activation, publish, maxBitsPerSecond));
    }

    private Optional<SourceConfiguration> source(Section section) {
        int before = problems.errorCount();
        Optional<String> url = section.text("url");
        if (url.isEmpty() && problems.errorCount() == before) {
            problems.error(
                    section.keyNode("url"), "url is missing; a camera's address looks like rtsp://host:554/path");
        }
        String user = section.text("user").orElse("");
        Optional<Secret> password = references.secret(section, "password", true);
        TransportPreference transport =
                section.choice("transport", TransportPreference.class, TransportPreference.AUTO);
        TlsTrust trust =
                section.text("trust").flatMap(text -> trust(section, text)).orElse(new TlsTrust.PlatformAuthorities());
        return section.build(before, () -> new SourceConfiguration(url.orElse(""), user, password, transport, trust));
    }

    private Optional<TlsTrust> trust(Section section, String text) {
        if (text.equals("platform")) {
            return Optional.of(new TlsTrust.PlatformAuthorities());
        }
        if (text.equals("unverified")) {
            problems.warning(
                    section.valueNode("trust"),
                    "anybody in between can pose as this camera; a fingerprint (sha256:...) is safer");
            return Optional.of(new TlsTrust.Unverified());
        }
        if (text.startsWith("sha256:")) {
            return section.attempt(() -> new TlsTrust.Pinned(text.substring("sha256:".length())));
        }
        if (text.startsWith("file:")) {
            return references
                    .read(section.valueNode("trust"), text.substring("file:".length()))
                    .flatMap(pem -> section.attempt(() -> new TlsTrust.Authorities(pem)));
        }
        problems.error(
                section.valueNode("trust"),
                "\"trust\": " + Section.shown(text)
                        + " is not one of platform, unverified, sha256:<fingerprint>, file:<path of a PEM file>");
        return Optional.empty();
    }
}
