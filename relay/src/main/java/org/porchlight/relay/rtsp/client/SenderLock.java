package org.porchlight.relay.rtsp.client;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From whom datagrams of one UDP port are taken. The first one from the camera's address (or the one that its Transport header announced)
 * decides the port, whatever port was announced, and from then on only that sender counts. Owner: the loop of the source.
 */
final class SenderLock {
    private final InetAddress camera;
    private final @Nullable InetAddress announced;
    private final int announcedPort;
    private final Set<CameraQuirk> quirks;
    private @Nullable InetSocketAddress locked;

    /**
     * @param camera the address that our RTSP connection goes to
     * @param announced address of {@code source=}; null: none
     * @param announcedPort of {@code server_port=}; 0: none
     */
    SenderLock(InetAddress camera, @Nullable InetAddress announced, int announcedPort, Set<CameraQuirk> quirks) {
        this.camera = camera;
        this.announced = announced;
        this.announcedPort = announcedPort;
        this.quirks = quirks;
    }

    boolean accepts(InetSocketAddress sender) {
        InetSocketAddress current = locked;
        if (current != null) {
            return current.equals(sender);
        }
        InetAddress address = sender.getAddress();
        boolean fromCamera = camera.equals(address);
        if (!fromCamera && (announced == null || !announced.equals(address))) {
            return false;
        }
        if (!fromCamera) {
            quirks.add(CameraQuirk.UDP_OTHER_HOST);
        }
        if (announcedPort != 0 && sender.getPort() != announcedPort) {
            quirks.add(CameraQuirk.UDP_OTHER_PORT);
        }
        locked = sender;
        return true;
    }
}
