package org.porchlight.relay.webrtc.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.ice4j.Transport;
import org.ice4j.TransportAddress;
import org.ice4j.attribute.Attribute;
import org.ice4j.attribute.AttributeFactory;
import org.ice4j.attribute.ErrorCodeAttribute;
import org.ice4j.attribute.FingerprintAttribute;
import org.ice4j.attribute.IceControllingAttribute;
import org.ice4j.attribute.MessageIntegrityAttribute;
import org.ice4j.attribute.PriorityAttribute;
import org.ice4j.attribute.UnknownAttributesAttribute;
import org.ice4j.attribute.UsernameAttribute;
import org.ice4j.attribute.XorMappedAddressAttribute;
import org.ice4j.message.Message;
import org.ice4j.message.MessageFactory;
import org.ice4j.message.Request;
import org.ice4j.stack.StunStack;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.webrtc.ice.StunMessage.Parsing;

/** What we write another implementation reads, and the other way round. */
class StunWriterTest {
    private static final String PASSWORD = "VOkJxbRl1RmTxUk/WvJxBt";

    private final StunMessage message = new StunMessage();
    private final StunWriter writer = new StunWriter();
    private final IntegrityKey key = IntegrityKey.of(PASSWORD);
    private final Random random = new Random(5_769);

    @Test
    void requestsAreReadByIce4j() throws Exception {
        for (int round = 0; round < 200; round++) {
            String username = "u".repeat(4 + random.nextInt(253)) + ":" + "v".repeat(4 + random.nextInt(253));
            StunWriter.Check check = new StunWriter.Check(
                    true, random.nextLong(), 1 + random.nextInt(Integer.MAX_VALUE - 1), random.nextBoolean());
            writer.request(new StunWriter.TransactionId(random.nextInt(), random.nextLong()), username, check, key);
            byte[] bytes = StunVectors.bytesOf(writer);
            assertThat(bytes.length).isEqualTo(writer.length()).isLessThanOrEqualTo(StunWriter.MAX_LENGTH);
            Message other = Message.decode(bytes, 0, bytes.length);
            assertThat((int) other.getMessageType()).isEqualTo(Message.BINDING_REQUEST);
            assertThat(((UsernameAttribute) other.getAttribute(Attribute.USERNAME)).getUsername())
                    .isEqualTo(username.getBytes(StandardCharsets.UTF_8));
            assertThat(((PriorityAttribute) other.getAttribute(Attribute.PRIORITY)).getPriority())
                    .isEqualTo(check.priority());
            assertThat(((IceControllingAttribute) other.getAttribute(Attribute.ICE_CONTROLLING)).getTieBreaker())
                    .isEqualTo(check.tieBreaker());
            assertThat(other.containsAttribute(Attribute.USE_CANDIDATE)).isEqualTo(check.nominating());
            verifySignature(bytes, other);

            assertThat(StunVectors.parse(message, bytes)).isEqualTo(Parsing.OK);
            assertThat(message.username()).isEqualTo(username);
            assertThat(message.tieBreaker()).isEqualTo(check.tieBreaker());
            assertThat(message.priority()).isEqualTo(check.priority());
            assertThat(message.isNominating()).isEqualTo(check.nominating());
            assertThat(message.isSignedWith(key)).isTrue();
        }
    }

    @Test
    void successResponsesAreReadByIce4j() throws Exception {
        for (int round = 0; round < 200; round++) {
            byte[] address = new byte[round % 2 == 0 ? 4 : 16];
            random.nextBytes(address);
            address[0] = 32;
            InetSocketAddress source = new InetSocketAddress(InetAddress.getByAddress(address), random.nextInt(65_536));
            newTransaction();
            writer.success(message, source, key);
            byte[] bytes = StunVectors.bytesOf(writer);
            Message other = Message.decode(bytes, 0, bytes.length);
            assertThat((int) other.getMessageType()).isEqualTo(Message.BINDING_SUCCESS_RESPONSE);
            assertThat(other.getTransactionID()).isEqualTo(Arrays.copyOfRange(bytes, 8, 20));
            XorMappedAddressAttribute mapped =
                    (XorMappedAddressAttribute) other.getAttribute(Attribute.XOR_MAPPED_ADDRESS);
            assertThat(mapped.getAddress(other.getTransactionID()))
                    .isEqualTo(new TransportAddress(source.getAddress(), source.getPort(), Transport.UDP));
            verifySignature(bytes, other);
            assertThat(StunVectors.parse(message, bytes)).isEqualTo(Parsing.OK);
            assertThat(message.mappedAddress()).isEqualTo(source);
        }
    }

    @Test
    void errorResponsesAreReadByIce4j() throws Exception {
        for (StunError error : StunError.values()) {
            byte[] withUnknown =
                    java.util.HexFormat.of().parseHex("000100042112a442b7e7a701bc34d686fa87dfae" + "40010000");
            assertThat(StunVectors.parse(message, withUnknown)).isEqualTo(Parsing.OK);
            writer.error(message, error, key);
            byte[] bytes = StunVectors.bytesOf(writer);
            Message other = Message.decode(bytes, 0, bytes.length);
            ErrorCodeAttribute code = (ErrorCodeAttribute) other.getAttribute(Attribute.ERROR_CODE);
            assertThat((int) code.getErrorCode()).isEqualTo(error.code());
            assertThat(other.containsAttribute(Attribute.UNKNOWN_ATTRIBUTES))
                    .isEqualTo(error == StunError.UNKNOWN_ATTRIBUTE);
            if (error == StunError.UNKNOWN_ATTRIBUTE) {
                UnknownAttributesAttribute unknown =
                        (UnknownAttributesAttribute) other.getAttribute(Attribute.UNKNOWN_ATTRIBUTES);
                assertThat(unknown.contains((char) 0x4001)).isTrue();
            }
            verifySignature(bytes, other);
            assertThat(StunVectors.parse(message, bytes)).isEqualTo(Parsing.OK);
            assertThat(message.errorCode()).isEqualTo(error.code());
        }
    }

    @Test
    void indicationsAreReadByIce4j() throws Exception {
        writer.indication(new StunWriter.TransactionId(1, 2));
        byte[] bytes = StunVectors.bytesOf(writer);
        assertThat((int) Message.decode(bytes, 0, bytes.length).getMessageType())
                .isEqualTo(Message.BINDING_INDICATION);
        assertThat(StunVectors.parse(message, bytes)).isEqualTo(Parsing.OK);
        assertThat(message.messageClass()).isEqualTo(StunMessage.MessageClass.INDICATION);
        assertThat(message.isSigned()).isFalse();
    }

    @Test
    void requestsOfIce4jAreRead() throws Exception {
        StunStack stack = new StunStack();
        for (int round = 0; round < 100; round++) {
            long priority = 1L + random.nextInt(Integer.MAX_VALUE - 1);
            long tieBreaker = random.nextLong();
            Request request = MessageFactory.createBindingRequest(priority, true, tieBreaker);
            String username = "peer:" + "x".repeat(4 + random.nextInt(20));
            request.putAttribute(AttributeFactory.createUsernameAttribute(username));
            request.putAttribute(AttributeFactory.createUseCandidateAttribute());
            request.putAttribute(AttributeFactory.createFingerprintAttribute());
            byte[] id = new byte[12];
            random.nextBytes(id);
            request.setTransactionID(id);
            assertThat(StunVectors.parse(message, request.encode(stack))).isEqualTo(Parsing.OK);
            assertThat(message.priority()).isEqualTo(priority);
            assertThat(message.tieBreaker()).isEqualTo(tieBreaker);
            assertThat(message.isControlling()).isTrue();
            assertThat(message.isNominating()).isTrue();
            assertThat(message.isFingerprinted()).isTrue();
            assertThat(message.localUfrag()).isEqualTo("peer");
            assertThat(message.username()).isEqualTo(username);
        }
    }

    private void newTransaction() {
        writer.indication(new StunWriter.TransactionId(random.nextInt(), random.nextLong()));
        assertThat(StunVectors.parse(message, StunVectors.bytesOf(writer))).isEqualTo(Parsing.OK);
    }

    /** The other side computes the same HMAC and the same checksum over the bytes it got. */
    private static void verifySignature(byte[] bytes, Message other) {
        int integrity = bytes.length - 8 - 24;
        byte[] signed = Arrays.copyOf(bytes, integrity);
        int length = integrity + 24 - 20;
        signed[2] = (byte) (length >>> 8);
        signed[3] = (byte) length;
        byte[] hmac = MessageIntegrityAttribute.calculateHmacSha1(
                signed, 0, signed.length, PASSWORD.getBytes(StandardCharsets.UTF_8));
        MessageIntegrityAttribute written = (MessageIntegrityAttribute) other.getAttribute(Attribute.MESSAGE_INTEGRITY);
        assertThat(written.getHmacSha1Content()).isEqualTo(hmac);
        FingerprintAttribute fingerprint = (FingerprintAttribute) other.getAttribute(Attribute.FINGERPRINT);
        assertThat(fingerprint.getChecksum())
                .isEqualTo(FingerprintAttribute.calculateXorCRC32(bytes, 0, bytes.length - 8));
    }
}
