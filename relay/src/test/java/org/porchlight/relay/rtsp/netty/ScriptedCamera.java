package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ServerSocketFactory;
import org.porchlight.relay.rtsp.Base64TunnelDecoder;

/** A small camera on loopback, written with blocking sockets so that it shares nothing with what it tests. Sends H.264 every 5 ms. */
final class ScriptedCamera implements AutoCloseable {
    private static final byte[] SPS = Base64.getDecoder().decode("Z00AKZpmA8ARPyzUBAQFAAADAAEAAAMAMI8WLZY=");
    private static final byte[] PPS = Base64.getDecoder().decode("aO48gA==");
    private static final String SDP = String.join(
            "\r\n",
            "v=0",
            "o=- 1 1 IN IP4 127.0.0.1",
            "s=Test",
            "t=0 0",
            "m=video 0 RTP/AVP 96",
            "a=rtpmap:96 H264/90000",
            "a=control:trackID=1",
            "");

    private final ServerSocket server;
    private final Behaviour behaviour;
    private final Collection<AutoCloseable> open = new ConcurrentLinkedQueue<>();
    private final Map<String, OutputStream> tunnels = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** Methods of all requests, in order. */
    final List<String> requests = new CopyOnWriteArrayList<>();
    /** Transport headers of all SETUPs, in order. */
    final List<String> transports = new CopyOnWriteArrayList<>();
    /** Requests for a keyframe that came. */
    final AtomicInteger keyframeRequests = new AtomicInteger();

    private volatile boolean keyframeWanted;
    /** Receiver reports that came. */
    final AtomicInteger reports = new AtomicInteger();

    final AtomicInteger connections = new AtomicInteger();

    /** What it does wrong. */
    enum Behaviour {
        GOOD,
        /** Takes UDP and sends nothing over it. */
        UDP_SILENT,
        /** Knows UDP only: 461 for anything else. */
        TCP_REFUSED,
        /** Knows TCP only: 461 for anything else. */
        UDP_REFUSED,
        /** Closes each connection after 20 frames. */
        DIES_OFTEN,
        /** Accepts and never answers. */
        HANGS,
        /** Sends as much as the connection takes. */
        FLOODS,
        /** Asks for Basic on both requests of a tunnel, for user joe with password p:ss word. */
        TUNNEL_BASIC,
        /** The same with Digest. */
        TUNNEL_DIGEST,
        /** Asks for Digest on the POST of a tunnel only. */
        TUNNEL_POST_DIGEST,
        /** Sends one keyframe, and others only when RTCP asks for one. */
        KEYFRAME_ON_REQUEST,
        /** Writes garbage between frames, and cuts its writes anywhere. */
        UNTIDY
    }

    ScriptedCamera(Behaviour behaviour) {
        this(behaviour, ServerSocketFactory.getDefault());
    }

    ScriptedCamera(Behaviour behaviour, ServerSocketFactory sockets) {
        this.behaviour = behaviour;
        try {
            server = sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    Behaviour behaviour() {
        return behaviour;
    }

    int port() {
        return server.getLocalPort();
    }

    private void start(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // a socket was closed: that is how it ends
                    }
                },
                "camera");
        thread.setDaemon(true);
        thread.start();
    }

    private interface Work {
        void run() throws IOException;
    }

    private void accept() throws IOException {
        while (!closed) {
            Socket socket = server.accept();
            connections.incrementAndGet();
            open.add(socket);
            start(() -> serve(socket));
        }
    }

    private void serve(Socket socket) throws IOException {
        try (socket) {
            if (behaviour == Behaviour.HANGS) {
                while (socket.getInputStream().read() >= 0) {
                    requests.add("");
                }
                return;
            }
            InputStream in = socket.getInputStream();
            String first = readHead(in);
            String challenge = challengeFor(first);
            if (!challenge.isEmpty()) {
                socket.getOutputStream()
                        .write(("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: " + challenge
                                        + "\r\nContent-Length: 2\r\n\r\nno")
                                .getBytes(StandardCharsets.US_ASCII));
                socket.shutdownOutput();
                in.readNBytes(100_000);
                return;
            }
            if (first.startsWith("GET ")) {
                OutputStream out = socket.getOutputStream();
                out.write("HTTP/1.0 200 OK\r\nContent-Type: application/x-rtsp-tunnelled\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
                tunnels.put(header(first, "x-sessioncookie"), out);
                in.read();
            } else if (first.startsWith("POST ")) {
                OutputStream out = tunnels.get(header(first, "x-sessioncookie"));
                InputStream decoded = new TunnelStream(in);
                if (out != null) {
                    converse(socket, readHead(decoded), decoded, out);
                }
            } else {
                converse(socket, first, in, socket.getOutputStream());
            }
        }
    }

    /** What to ask for before a half of a tunnel is opened; empty: nothing. */
    private String challengeFor(String head) {
        String method = head.substring(0, head.indexOf(' '));
        boolean guarded = switch (behaviour) {
            case TUNNEL_BASIC, TUNNEL_DIGEST -> method.equals("GET") || method.equals("POST");
            case TUNNEL_POST_DIGEST -> method.equals("POST");
            default -> false;
        };
        String given = header(head, "Authorization");
        if (!guarded || isRight(given, method)) {
            return "";
        }
        return behaviour == Behaviour.TUNNEL_BASIC
                ? "Basic realm=\"test\""
                : "Digest realm=\"test\", nonce=\"abcdef\", algorithm=SHA-256";
    }

    private boolean isRight(String given, String method) {
        if (behaviour == Behaviour.TUNNEL_BASIC) {
            byte[] pair = "joe:p:ss word".getBytes(StandardCharsets.UTF_8);
            return given.equals("Basic " + Base64.getEncoder().encodeToString(pair));
        }
        String ha1 = sha256("joe:test:p:ss word");
        String wanted = sha256(ha1 + ":abcdef:" + sha256(method + ":/live"));
        return given.contains("response=\"" + wanted + "\"");
    }

    private static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class TunnelStream extends InputStream {
        private final InputStream in;
        private final Base64TunnelDecoder decoder = new Base64TunnelDecoder();
        private final ByteBuf plain = Unpooled.buffer();

        TunnelStream(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            while (!plain.isReadable()) {
                int next = in.read();
                if (next < 0) {
                    return -1;
                }
                plain.clear();
                if (!decoder.decode(Unpooled.wrappedBuffer(new byte[] {(byte) next}), 0, 1, plain)) {
                    throw new IOException("no base64");
                }
            }
            return plain.readByte() & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int first = length == 0 ? -1 : read();
            if (first < 0) {
                return first;
            }
            bytes[offset] = (byte) first;
            return 1;
        }
    }

    private void converse(Socket socket, String firstHead, InputStream in, OutputStream out) throws IOException {
        String head = firstHead;
        Sender sender = null;
        while (true) {
            String method = head.substring(0, head.indexOf(' '));
            requests.add(method);
            String transport = header(head, "Transport");
            String answer = "";
            String body = "";
            String status = "200 OK";
            switch (method) {
                case "OPTIONS" -> answer = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n";
                case "DESCRIBE" -> body = SDP;
                case "SETUP" -> {
                    transports.add(transport);
                    boolean interleaved = transport.contains("TCP");
                    if (behaviour == (interleaved ? Behaviour.TCP_REFUSED : Behaviour.UDP_REFUSED)) {
                        status = "461 Unsupported Transport";
                        break;
                    }
                    sender = newSender(socket, transport, out);
                    answer = "Session: 12;timeout=60\r\nTransport: " + transport + sender.suffix() + "\r\n";
                }
                default -> answer = "Session: 12\r\n";
            }
            String text = "RTSP/1.0 " + status + "\r\nCSeq: " + header(head, "CSeq") + "\r\n" + answer
                    + (body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n") + "\r\n" + body;
            synchronized (out) {
                out.write(text.getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
            if (method.equals("TEARDOWN")) {
                return;
            }
            Sender playing = sender;
            if (method.equals("PLAY") && playing != null) {
                start(() -> stream(playing, socket));
            }
            head = readHead(in);
        }
    }

    private interface Sender {
        void send(byte[] packet) throws IOException;

        default String suffix() {
            return "";
        }
    }

    private Sender newSender(Socket socket, String transport, OutputStream out) throws IOException {
        Matcher ports = Pattern.compile("client_port=(\\d+)-(\\d+)").matcher(transport);
        if (ports.find()) {
            DatagramSocket udp = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            DatagramSocket rtcp = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            open.add(udp);
            open.add(rtcp);
            start(() -> countReports(rtcp));
            InetSocketAddress to = new InetSocketAddress(socket.getInetAddress(), Integer.parseInt(ports.group(1)));
            return new Sender() {
                @Override
                public void send(byte[] packet) throws IOException {
                    if (behaviour != Behaviour.UDP_SILENT) {
                        udp.send(new DatagramPacket(packet, packet.length, to));
                    }
                }

                @Override
                public String suffix() {
                    return ";server_port=" + udp.getLocalPort() + "-" + rtcp.getLocalPort();
                }
            };
        }
        return packet -> {
            ByteBuffer frame = ByteBuffer.allocate(packet.length + 4);
            frame.put((byte) '$').put((byte) 0).putShort((short) packet.length).put(packet);
            synchronized (out) {
                if (behaviour == Behaviour.UNTIDY) {
                    out.write("junk\r\n\0".getBytes(StandardCharsets.US_ASCII));
                    out.write(frame.array(), 0, 3);
                    out.flush();
                    out.write(frame.array(), 3, frame.capacity() - 3);
                } else {
                    out.write(frame.array());
                }
                out.flush();
            }
        };
    }

    private void countReports(DatagramSocket rtcp) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
        while (true) {
            rtcp.receive(packet);
            onReport(Arrays.copyOf(packet.getData(), packet.getLength()));
        }
    }

    /** Goes through the packets of a compound (RFC 3550 section 6.1). */
    private void onReport(byte[] compound) {
        reports.incrementAndGet();
        for (int at = 0; at + 4 <= compound.length; ) {
            if ((compound[at + 1] & 0xff) == 206) {
                keyframeRequests.incrementAndGet();
                keyframeWanted = true;
            }
            at += 4 * (1 + ((compound[at + 2] & 0xff) << 8 | (compound[at + 3] & 0xff)));
        }
    }

    private boolean isKeyframeNext(int frame) {
        if (behaviour != Behaviour.KEYFRAME_ON_REQUEST) {
            return frame % 10 == 0;
        }
        boolean wanted = keyframeWanted;
        keyframeWanted = false;
        return wanted || frame == 0;
    }

    private void stream(Sender sender, Socket socket) throws IOException {
        int sequence = 1000;
        for (int frame = 0; !socket.isClosed() && !closed; frame++) {
            int timestamp = frame * 450;
            if (isKeyframeNext(frame)) {
                sender.send(packet(sequence++, timestamp, false, SPS));
                sender.send(packet(sequence++, timestamp, false, PPS));
                sender.send(packet(sequence++, timestamp, true, nal(0x65, 1000)));
            } else {
                sender.send(
                        packet(sequence++, timestamp, true, nal(0x41, behaviour == Behaviour.FLOODS ? 60_000 : 300)));
            }
            if (behaviour == Behaviour.DIES_OFTEN && frame == 20) {
                socket.close();
            }
            if (behaviour != Behaviour.FLOODS) {
                LockSupport.parkNanos(5_000_000);
            }
        }
    }

    private static byte[] nal(int type, int length) {
        byte[] nal = new byte[length];
        Arrays.fill(nal, (byte) 0x5a);
        nal[0] = (byte) type;
        return nal;
    }

    private static byte[] packet(int sequence, int timestamp, boolean marker, byte[] payload) {
        ByteBuffer packet = ByteBuffer.allocate(12 + payload.length);
        packet.put((byte) 0x80).put((byte) (96 | (marker ? 0x80 : 0)));
        packet.putShort((short) sequence).putInt(timestamp).putInt(0xcafe).put(payload);
        return packet.array();
    }

    /** A request head; passes over interleaved frames, which are the client's reports. */
    private String readHead(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (true) {
            int next = read(in);
            if (next == '$' && head.size() == 0) {
                read(in);
                int length = read(in) << 8 | read(in);
                onReport(in.readNBytes(length));
                continue;
            }
            head.write(next);
            String text = head.toString(StandardCharsets.US_ASCII);
            if (text.endsWith("\r\n\r\n")) {
                return text;
            }
        }
    }

    private static int read(InputStream in) throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException();
        }
        return next;
    }

    private static String header(String head, String name) {
        return head.lines()
                .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("");
    }

    @Override
    public void close() {
        closed = true;
        open.add(server);
        open.forEach(socket -> {
            try {
                socket.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
