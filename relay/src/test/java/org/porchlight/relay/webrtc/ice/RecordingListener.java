package org.porchlight.relay.webrtc.ice;

import java.util.ArrayList;
import java.util.List;

/** Keeps what an agent tells. */
class RecordingListener implements IceLiteAgent.Listener {
    final List<String> told = new ArrayList<>();

    @Override
    public void onSelected(IcePath path) {
        told.add("selected " + path.transport() + " " + path.remote().getPort());
    }

    @Override
    public void onRetired(String localUfrag) {
        told.add("retired " + localUfrag);
    }

    @Override
    public void onExpired(boolean connected) {
        told.add("expired " + connected);
    }

    List<String> drain() {
        List<String> copy = List.copyOf(told);
        told.clear();
        return copy;
    }
}
