package org.porchlight.relay.webrtc.ice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IceCandidateTest {
    @Test
    void hostCandidatesHaveTheLinesOfTheRfcs() {
        assertThat(IceCandidate.hostUdp(new InetSocketAddress("192.0.2.1", 8_189), 0)
                        .toAttributeValue())
                .isEqualTo("u0 1 udp 2130706431 192.0.2.1 8189 typ host");
        assertThat(IceCandidate.hostTcpPassive(new InetSocketAddress("2001:db8::1", 8_189), 1)
                        .toAttributeValue())
                .isEqualTo("t1 1 tcp 1520434943 2001:db8:0:0:0:0:0:1 8189 typ host tcptype passive");
    }

    @Test
    void udpIsTriedBeforeTcpAndTheFirstAddressBeforeTheSecond() {
        List<IceCandidate> hosts = IceCandidate.hosts(
                List.of(new InetSocketAddress("192.0.2.1", 8_189), new InetSocketAddress("2001:db8::1", 8_189)));
        assertThat(hosts)
                .extracting(IceCandidate::transport)
                .containsExactly(IceTransport.UDP, IceTransport.UDP, IceTransport.TCP, IceTransport.TCP);
        assertThat(hosts)
                .extracting(IceCandidate::host)
                .containsExactly("192.0.2.1", "2001:db8:0:0:0:0:0:1", "192.0.2.1", "2001:db8:0:0:0:0:0:1");
        assertThat(hosts)
                .extracting(IceCandidate::priority)
                .isSortedAccordingTo((a, b) -> Long.compare(b, a))
                .doesNotHaveDuplicates();
        assertThat(hosts).extracting(IceCandidate::foundation).doesNotHaveDuplicates();
    }

    @Test
    void readsWhatBrowsersWrite() {
        assertThat(IceCandidate.parse("candidate:2654307512 1 udp 2113937151 3b0e9c1a-0e3b-4d9e.local 53705 typ host"
                        + " generation 0 ufrag /9lk network-cost 999"))
                .hasValue(new IceCandidate(
                        "2654307512",
                        1,
                        IceTransport.UDP,
                        2_113_937_151L,
                        "3b0e9c1a-0e3b-4d9e.local",
                        53_705,
                        IceCandidate.Type.HOST,
                        ""));
        assertThat(IceCandidate.parse(
                        "4 1 TCP 1518214911 2001:db8::7 9 typ srflx raddr 10.0.0.1 rport 9 tcptype active"))
                .hasValueSatisfying(candidate -> {
                    assertThat(candidate.type()).isEqualTo(IceCandidate.Type.SERVER_REFLEXIVE);
                    assertThat(candidate.tcpType()).isEqualTo("active");
                    assertThat(candidate.port()).isEqualTo(9);
                });
    }

    @Test
    void skipsWhatItDoesNotKnow() {
        assertThat(List.of(
                        "",
                        "candidate:",
                        "1 1 udp 2 h 3 typ",
                        "1 0 udp 2 h 3 typ host",
                        "1 1 sctp 2 h 3 typ host",
                        "1 1 udp 4294967296 h 3 typ host",
                        "1 1 udp 2 h 65536 typ host",
                        "1 1 udp -2 h 3 typ host",
                        "1 1 udp 2 h 3 kind host",
                        "1 1 udp 2 h 3 typ guest",
                        "1 1 udp 2 " + "h".repeat(600) + " 3 typ host"))
                .allSatisfy(text -> assertThat(IceCandidate.parse(text)).isEmpty());
    }

    @Test
    void whatIsWrittenReadsTheSame() {
        Random random = new Random(8_839);
        for (int round = 0; round < 500; round++) {
            IceTransport transport = random.nextBoolean() ? IceTransport.UDP : IceTransport.TCP;
            IceCandidate candidate = new IceCandidate(
                    Integer.toString(random.nextInt(1_000_000)),
                    1 + random.nextInt(256),
                    transport,
                    random.nextInt(Integer.MAX_VALUE),
                    "198.51.100." + random.nextInt(256),
                    random.nextInt(65_536),
                    List.of(IceCandidate.Type.values()).get(random.nextInt(4)),
                    transport == IceTransport.TCP ? "passive" : "");
            assertThat(IceCandidate.parse(candidate.toAttributeValue())).hasValue(candidate);
        }
    }

    @Test
    void fragmentsSayWhatTheyMean() {
        IceCredentials credentials = new IceCredentials("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1");
        TrickleFragment written = new TrickleFragment(
                Optional.of(credentials),
                "0",
                List.of(IceCandidate.hostUdp(new InetSocketAddress("192.0.2.1", 8_189), 0)),
                true);
        assertThat(TrickleFragment.parse(written.write("video"))).hasValue(written);
        assertThat(TrickleFragment.parse("a=end-of-candidates")).hasValueSatisfying(read -> {
            assertThat(read.ended()).isTrue();
            assertThat(read.credentials()).isEmpty();
        });
        assertThat(TrickleFragment.parse("m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n"))
                .isEmpty();
        assertThat(TrickleFragment.parse("")).isEmpty();
        String many = "a=ice-ufrag:EsAw\r\n" + "a=candidate:1 1 udp 2 192.0.2.1 3 typ host\r\n".repeat(200);
        assertThat(TrickleFragment.parse(many)).hasValueSatisfying(read -> {
            assertThat(read.candidates()).hasSize(TrickleFragment.MAX_CANDIDATES);
            assertThat(read.credentials()).as("a fragment without password").isEmpty();
        });
    }

    @Test
    void readsTheFragmentOfABrowsersRestart() {
        String text = """
                a=ice-options:trickle ice2
                a=group:BUNDLE 0 1
                m=audio 9 UDP/TLS/RTP/SAVPF 111
                a=mid:0
                a=ice-ufrag:ysXw
                a=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k
                a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag ysXw network-id 1
                a=candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ host generation 0 ufrag ysXw network-id 2
                a=end-of-candidates
                """;
        assertThat(TrickleFragment.parse(text)).hasValueSatisfying(read -> {
            assertThat(read.credentials()).hasValue(new IceCredentials("ysXw", "vw5LmwG4y/e6dPP/zAP9Gp5k"));
            assertThat(read.mid()).isEqualTo("0");
            assertThat(read.candidates()).hasSize(2);
            assertThat(read.ended()).isTrue();
        });
    }

    @Test
    void credentialsAreLongEnoughAndNeverPrinted() {
        Random random = new Random(1);
        IceCredentials credentials = IceCredentials.generate(random);
        assertThat(credentials.ufrag()).hasSize(10);
        assertThat(credentials.password()).hasSize(24);
        assertThat(credentials).isNotEqualTo(IceCredentials.generate(random));
        assertThat(credentials.toString()).contains(credentials.ufrag()).doesNotContain(credentials.password());
        assertThat(IceCredentials.isValid("abc", credentials.password())).isFalse();
        assertThat(IceCredentials.isValid("abcd", "short")).isFalse();
        assertThat(IceCredentials.isValid("ab:d", credentials.password())).isFalse();
        assertThatThrownBy(() -> new IceCredentials("a\r\nb=c", credentials.password()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining(credentials.password());
    }
}
