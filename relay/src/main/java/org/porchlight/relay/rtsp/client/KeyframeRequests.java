package org.porchlight.relay.rtsp.client;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether to ask a camera for a keyframe (PLI or FIR): at most once per second, not while one is due by itself, and not a camera that never answers. A camera
 * answers if a keyframe comes within a second of the request; one that has not announced that it listens is given few trials. The answers are
 * remembered in the {@link CameraMemory}. Owner: the loop of the connection.
 */
final class KeyframeRequests {
    /** Least time between two requests, and longest time to an answer. */
    static final long SECOND_NANOS = 1_000_000_000L;

    private final CameraMemory memory;
    private boolean asked;
    private boolean answerAwaited;
    private long askedNanos;
    private boolean keyframeSeen;
    private long keyframeNanos;
    private long gopNanos;
    private int commandNumber;

    KeyframeRequests(CameraMemory memory) {
        this.memory = memory;
    }

    /** A keyframe of the camera began. */
    void onKeyframe(long nowNanos) {
        boolean answer = answerAwaited && nowNanos - askedNanos <= SECOND_NANOS;
        if (answer) {
            answerAwaited = false;
            memory.onKeyframeRequestAnswered();
        } else if (keyframeSeen) {
            gopNanos = nowNanos - keyframeNanos;
        }
        keyframeSeen = true;
        keyframeNanos = nowNanos;
    }

    /**
     * Somebody needs a keyframe.
     *
     * @param announced what the description says the camera listens to
     * @return what to send now; null: leave the camera alone
     */
    @Nullable
    KeyframeFeedback ask(Set<KeyframeFeedback> announced, long nowNanos) {
        if (asked && nowNanos - askedNanos < SECOND_NANOS) {
            return null;
        }
        if (answerAwaited) {
            answerAwaited = false;
            memory.onKeyframeRequestIgnored(!announced.isEmpty());
        }
        if (!memory.mayAskForKeyframe(!announced.isEmpty()) || isOneDue(nowNanos)) {
            return null;
        }
        asked = true;
        answerAwaited = true;
        askedNanos = nowNanos;
        commandNumber++;
        return announced.contains(KeyframeFeedback.FIR) && !announced.contains(KeyframeFeedback.PLI)
                ? KeyframeFeedback.FIR
                : KeyframeFeedback.PLI;
    }

    /** Whether the camera's next keyframe is less than a second away anyway: one that comes then proves nothing. */
    private boolean isOneDue(long nowNanos) {
        long next = keyframeNanos + gopNanos - nowNanos;
        return gopNanos > 0 && next >= 0 && next <= SECOND_NANOS;
    }

    /** Number of the newest request, for FIR. */
    int commandNumber() {
        return commandNumber;
    }
}
