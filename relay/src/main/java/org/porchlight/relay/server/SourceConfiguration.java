package org.porchlight.relay.server;

import java.util.Optional;

/**
 * How to reach one stream of a camera.
 *
 * @param url {@code rtsp://host[:port]/path?query} or {@code rtsps://...}, without user and password; the path goes to the camera as it stands
 * @param user user name at the camera, any characters; empty: none
 * @param password password at the camera, any characters
 * @param transport how media comes
 * @param trust for {@code rtsps}: who the camera must be
 */
public record SourceConfiguration(
        String url, String user, Optional<Secret> password, TransportPreference transport, TlsTrust trust) {

    public SourceConfiguration {
        SourceAddress address = SourceAddress.parse(url);
        if (password.isPresent() && user.isEmpty()) {
            throw new InvalidSetting("user", "a password needs a user beside it");
        }
        if (!address.tls() && !(trust instanceof TlsTrust.PlatformAuthorities)) {
            throw new InvalidSetting("trust", "has a meaning for rtsps:// only; take it away or change the URL");
        }
        if (address.tls() && (transport == TransportPreference.UDP || transport == TransportPreference.AUTO_UDP)) {
            throw new InvalidSetting(
                    "transport", "UDP would leave the media of an rtsps:// camera unencrypted; use auto or tcp");
        }
    }

    /** Where to connect. */
    public SourceAddress address() {
        return SourceAddress.parse(url);
    }

    /** Port to connect to, the usual one of the scheme and transport when the URL names none. */
    public int port() {
        SourceAddress address = address();
        if (address.port() > 0) {
            return address.port();
        }
        if (transport == TransportPreference.HTTP) {
            return address.tls() ? 443 : 80;
        }
        return address.tls() ? 322 : 554;
    }
}
