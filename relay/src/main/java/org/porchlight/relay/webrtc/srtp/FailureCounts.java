package org.porchlight.relay.webrtc.srtp;

/** Refused packets by reason. Owner: its sender or receiver. */
final class FailureCounts {
    private final long[] counts = new long[SrtpFailure.values().length];

    /** Counts a failure; the negative result that stands for it. */
    int failed(SrtpFailure failure) {
        int code = failure.code();
        counts[-1 - code]++;
        return code;
    }

    long of(SrtpFailure failure) {
        return counts[-1 - failure.code()];
    }
}
