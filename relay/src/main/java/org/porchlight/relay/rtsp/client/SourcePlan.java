package org.porchlight.relay.rtsp.client;

import org.jspecify.annotations.Nullable;

/**
 * How to reach one rendition of a camera.
 *
 * @param url where it is
 * @param credentials null: none
 * @param transport the transports allowed
 * @param trust for {@code rtsps}
 * @param settings of the session
 * @param reconnect pace after failures
 */
public record SourcePlan(
        RtspUrl url,
        @Nullable CameraCredentials credentials,
        TransportChoice transport,
        CameraTrust trust,
        ClientSettings settings,
        ReconnectPolicy.Settings reconnect) {

    /** A plan with the usual settings. */
    public static SourcePlan of(RtspUrl url, @Nullable CameraCredentials credentials, TransportChoice transport) {
        return new SourcePlan(
                url,
                credentials,
                transport,
                new CameraTrust.PlatformAuthorities(),
                ClientSettings.DEFAULT,
                ReconnectPolicy.Settings.DEFAULT);
    }
}
