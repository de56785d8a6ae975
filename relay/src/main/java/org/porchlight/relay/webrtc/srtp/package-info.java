/**
 * SRTP and SRTCP (RFC 3711, RFC 7714) for one DTLS-SRTP session: {@link org.porchlight.relay.webrtc.srtp.SrtpSender} protects what
 * leaves, {@link org.porchlight.relay.webrtc.srtp.SrtpReceiver} checks and opens what comes. Calculations only: no channel, no clock, no
 * thread, and no allocation of their own per packet.
 *
 * <p>{@link org.porchlight.relay.webrtc.srtp.SrtpKeys} cuts the keying material that DTLS exports; session keys are derived from it once.
 * A packet's index (rollover counter and sequence number) is estimated, checked against a window of 1,024 packets per SSRC, and only an
 * authenticated packet changes anything. The sender never lets two different packets out under one index.
 *
 * <p>AES itself comes from a {@link org.porchlight.relay.webrtc.srtp.CipherProvider}: the JDK's ciphers, or the system's libcrypto where
 * the JDK can call it (22 and later). {@link org.porchlight.relay.webrtc.srtp.CipherChoice} takes the faster one at start.
 *
 * <p>Left out on purpose, as WebRTC does not use them: key identifiers (MKI), key derivation rates, null ciphers, unencrypted SRTCP,
 * encrypted header extensions (RFC 6904) and Cryptex (RFC 9335).
 */
@NullMarked
package org.porchlight.relay.webrtc.srtp;

import org.jspecify.annotations.NullMarked;
