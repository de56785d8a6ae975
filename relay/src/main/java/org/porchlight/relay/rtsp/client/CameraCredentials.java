package org.porchlight.relay.rtsp.client;

/**
 * User and password of a camera, any characters. {@code toString} hides the password.
 *
 * @param user may be empty
 * @param password may be empty
 */
public record CameraCredentials(String user, String password) {
    @Override
    public String toString() {
        return "CameraCredentials[user=" + user + "]";
    }
}
