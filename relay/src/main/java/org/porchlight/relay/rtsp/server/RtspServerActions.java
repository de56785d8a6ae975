package org.porchlight.relay.rtsp.server;

import java.util.List;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.admission.ViewRequest;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.TransportSpec;

/**
 * What a session asks of the relay around it. Called on the session's loop, never blocks. Each question is answered at most once by the
 * session's method named with it, at once or later; answers to questions that are no longer asked are passed over.
 */
public interface RtspServerActions {
    /**
     * The connection speaks HTTP: it is, or is not, half of a tunnel. Told for its first message only; the session is of no more use to
     * the upward half.
     */
    void http(RtspRequest request);

    /** Send this behind everything sent before. */
    void transmit(RtspResponse response);

    /** Answered by {@link RtspServerSession#onAnswer}. */
    void mayView(int question, ViewRequest request);

    /** Answered by {@link RtspServerSession#onAnswer}. */
    void mayPublish(int question, PublishRequest request);

    /** Whether there is a camera of that name that takes publishers; asked only for clients that may publish it. */
    boolean isPublishable(String camera);

    /** Whether a permit whose session has not begun is still good: no cut has named it, neither it nor its lease has run out. */
    boolean stands(Answer.Permit permit, String camera);

    /**
     * The session begins: it is known to cuts until {@link #endSession}.
     *
     * @return false when the permit does not stand any more: nothing has begun
     */
    boolean begin(Answer.Permit permit, String camera, Rendition rendition, boolean publishes);

    /** A permit that came too late or that nobody used: no session has begun. */
    void giveBack(Answer.Permit permit);

    /** What tracks does it have? Answered by {@link RtspServerSession#onDescription} or {@link RtspServerSession#onRefused}. */
    void describe(int question, String camera, Rendition rendition);

    /**
     * Have a port pair of ours ready for a track that travels by UDP; they stay until {@link #endSession}. Answered by {@link
     * RtspServerSession#onPorts} or {@link RtspServerSession#onRefused}.
     *
     * @param track index in the description; for publishers in the one announced
     */
    void openPorts(int question, int track, TransportSpec offer);

    /**
     * Join the stream; media flow behind the answer's response. Answered by {@link RtspServerSession#onPlaying} or {@link
     * RtspServerSession#onRefused}.
     */
    void play(int question, String camera, Rendition rendition, List<TrackSetup> tracks);

    /** Leave the stream; {@link #play} may follow. */
    void pause();

    /**
     * Become the camera's source. Answered by {@link RtspServerSession#onRecording} or {@link RtspServerSession#onRefused}.
     *
     * @param formats of the tracks that were set up, in order
     * @param tracks their transports; {@link TrackSetup#track} is the index in {@code formats}
     * @param announced for each of them its index among those announced, by which its ports were opened
     */
    void record(
            int question,
            String camera,
            Rendition rendition,
            List<TrackFormat> formats,
            List<TrackSetup> tracks,
            List<Integer> announced);

    /** One packet of the publisher in the buffer that is being {@link RtspServerSession#receive received}; per packet. */
    void interleaved(int track, boolean rtcp, int offset, int length);

    /** RTCP from a viewer in the buffer that is being received. */
    void feedback(int track, int offset, int length);

    /** Leave stream or source, close ports, and report the end of what {@link #begin} began, if it did. May be repeated. */
    void endSession(String reason);

    /**
     * Close the connection; last call.
     *
     * @param abort at once, with everything unsent discarded; false: when what was transmitted has been sent
     */
    void close(String reason, boolean abort);
}
