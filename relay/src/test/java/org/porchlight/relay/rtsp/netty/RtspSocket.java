package org.porchlight.relay.rtsp.netty;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** The blunt end of RTSP: a blocking socket that says what the test says. */
final class RtspSocket implements AutoCloseable {
    static final String SDP = String.join(
            "\r\n",
            "v=0",
            "o=- 0 0 IN IP4 127.0.0.1",
            "s=x",
            "t=0 0",
            "m=video 0 RTP/AVP 96",
            "a=rtpmap:96 H264/90000",
            "a=fmtp:96 packetization-mode=1",
            "a=control:trackID=0",
            "");

    private final Socket socket;
    private final DataInputStream in;
    private int cseq;
    private String sessionId = "";

    /** A response as text, and what is of interest in it. */
    record Reply(int status, String head, String body) {
        String header(String name) {
            for (String line : head.split("\r\n")) {
                if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
                    return line.substring(name.length() + 1).trim();
                }
            }
            return "";
        }
    }

    /** An interleaved frame; compared by identity. */
    @SuppressWarnings("ArrayRecordComponent")
    record Frame(int channel, byte[] payload) {}

    RtspSocket(InetSocketAddress address) throws IOException {
        this(new Socket(address.getAddress(), address.getPort()));
    }

    RtspSocket(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(10_000);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    Socket socket() {
        return socket;
    }

    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** Sends a request and reads its response. */
    Reply ask(String method, String path, String... headers) throws IOException {
        return askWithBody(method, path, "", headers);
    }

    Reply askWithBody(String method, String path, String body, String... headers) throws IOException {
        send(request(method, path, body, headers));
        Reply reply = reply();
        String session = reply.header("Session");
        if (!session.isEmpty()) {
            sessionId = session.split(";")[0];
        }
        return reply;
    }

    String request(String method, String path, String body, String... headers) {
        StringBuilder text =
                new StringBuilder(method + " rtsp://localhost" + path + " RTSP/1.0\r\nCSeq: " + ++cseq + "\r\n");
        if (!sessionId.isEmpty()) {
            text.append("Session: ").append(sessionId).append("\r\n");
        }
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        if (!body.isEmpty()) {
            text.append("Content-Length: ").append(body.length()).append("\r\n");
        }
        return text + "\r\n" + body;
    }

    /** The next response; frames before it are passed over. */
    Reply reply() throws IOException {
        while (true) {
            int first = in.readUnsignedByte();
            if (first == '$') {
                frameBehindDollar();
                continue;
            }
            StringBuilder head = new StringBuilder().append((char) first);
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.readUnsignedByte());
            }
            Reply reply = new Reply(Integer.parseInt(head.substring(9, 12)), head.toString(), "");
            String length = reply.header("Content-Length");
            byte[] body = new byte[length.isEmpty() ? 0 : Integer.parseInt(length)];
            in.readFully(body);
            return new Reply(reply.status(), reply.head(), new String(body, StandardCharsets.UTF_8));
        }
    }

    Frame frame() throws IOException {
        int first = in.readUnsignedByte();
        if (first != '$') {
            throw new IOException("expected a frame, found " + first);
        }
        return frameBehindDollar();
    }

    private Frame frameBehindDollar() throws IOException {
        int channel = in.readUnsignedByte();
        byte[] payload = new byte[in.readUnsignedShort()];
        in.readFully(payload);
        return new Frame(channel, payload);
    }

    /** Reads until the other side hangs up; false: it has reset the connection. */
    boolean endsOrderly() {
        try {
            while (true) {
                in.readUnsignedByte();
            }
        } catch (EOFException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Becomes the publisher of a camera over TCP. */
    Reply publish(String path) throws IOException {
        askWithBody("ANNOUNCE", path, SDP, "Content-Type: application/sdp");
        ask("SETUP", path + "/trackID=0", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;mode=record");
        return ask("RECORD", path);
    }

    /** Watches a camera over TCP. */
    Reply watch(String path) throws IOException {
        ask("DESCRIBE", path, "Accept: application/sdp");
        ask("SETUP", path + "/trackID=0", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1");
        return ask("PLAY", path);
    }

    /** An RTP packet that is a whole H.264 keyframe of its own. */
    static byte[] keyframe(int sequenceNumber, int payloadBytes) {
        byte[] packet = new byte[12 + payloadBytes];
        packet[0] = (byte) 0x80;
        packet[1] = (byte) (0x80 | 96);
        packet[2] = (byte) (sequenceNumber >> 8);
        packet[3] = (byte) sequenceNumber;
        int timestamp = sequenceNumber * 3600;
        for (int i = 0; i < 4; i++) {
            packet[4 + i] = (byte) (timestamp >> (24 - 8 * i));
            packet[8 + i] = (byte) (0x01020304 >> (24 - 8 * i));
        }
        packet[12] = 0x65;
        packet[13] = (byte) 0x88;
        for (int i = 14; i < packet.length; i++) {
            packet[i] = (byte) (sequenceNumber + i);
        }
        return packet;
    }

    static byte[] interleaved(int channel, byte[] packet) {
        byte[] frame = new byte[4 + packet.length];
        frame[0] = '$';
        frame[1] = (byte) channel;
        frame[2] = (byte) (packet.length >> 8);
        frame[3] = (byte) packet.length;
        System.arraycopy(packet, 0, frame, 4, packet.length);
        return frame;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
