package org.porchlight.relay.rtsp.client;

/** The requests that keep a session alive (RFC 2326 section 10.8 and appendix D.1.1), in the order in which they are tried. */
public enum KeepaliveMethod {
    GET_PARAMETER(CameraQuirk.KEEPALIVE_GET_PARAMETER_REFUSED),
    OPTIONS(CameraQuirk.KEEPALIVE_OPTIONS_REFUSED),
    SET_PARAMETER(CameraQuirk.KEEPALIVE_SET_PARAMETER_REFUSED);

    private final CameraQuirk refusal;

    KeepaliveMethod(CameraQuirk refusal) {
        this.refusal = refusal;
    }

    CameraQuirk refusal() {
        return refusal;
    }
}
