package org.porchlight.bench.media;

import java.util.List;

/**
 * AAC access units, encoded once, replayed for ever.
 *
 * @param sampleRate Hz, also the RTP clock
 * @param channels 1 or 2
 * @param samplesPerUnit 1,024 for AAC-LC
 * @param configHex AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1), hexadecimal
 * @param units raw access units without ADTS header
 */
public record AudioClip(int sampleRate, int channels, int samplesPerUnit, String configHex, List<byte[]> units) {

    public AudioClip {
        units = List.copyOf(units);
        if (units.isEmpty()) {
            throw new IllegalArgumentException("a clip needs at least one access unit");
        }
    }

    /** RFC 3640 section 3.3.6, AAC-hbr. */
    public String fmtp() {
        return "streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config="
                + configHex;
    }
}
