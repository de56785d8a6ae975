package org.porchlight.relay.sdp;

import java.util.List;
import java.util.Optional;

/**
 * One m-line with what follows it (RFC 8866 section 5.14).
 *
 * @param media {@code video}, {@code audio}, {@code application} or whatever was written
 * @param port 0 to 65535; RTSP leaves it 0 (RFC 2326 appendix C.1.2)
 * @param protocol for example {@code RTP/AVP}
 * @param formats payload types as written, or other format tokens
 * @param connection value of this section's {@code c=} line; empty: none
 * @param bandwidthKbps {@code b=AS}; 0: not given
 * @param attributes in their order
 */
public record MediaDescription(
        String media,
        int port,
        String protocol,
        List<String> formats,
        String connection,
        int bandwidthKbps,
        List<Attribute> attributes) {

    public MediaDescription {
        formats = List.copyOf(formats);
        attributes = List.copyOf(attributes);
    }

    /** The formats that are payload types, 0 to 127, in their order. */
    public List<Integer> payloadTypes() {
        return formats.stream()
                .map(format -> SdpNumbers.parse(format, 127))
                .filter(type -> type >= 0)
                .toList();
    }

    /** Value of the first attribute of that name, compared without case. */
    public Optional<String> attribute(String name) {
        return Attributes.first(attributes, name);
    }

    /** Where to SET UP this media, as written (RFC 2326 appendix C.1.1). */
    public Optional<String> control() {
        return attribute("control").map(String::strip).filter(value -> !value.isEmpty());
    }

    /** All well-formed {@code a=rtpmap} attributes of this section. */
    public List<RtpMap> rtpMaps() {
        return attributes.stream()
                .filter(attribute -> attribute.isNamed("rtpmap"))
                .flatMap(attribute -> RtpMap.parse(attribute.value()).stream())
                .toList();
    }

    /** The rtpmap of one payload type, written or static (RFC 3551). */
    public Optional<RtpMap> rtpMap(int payloadType) {
        return rtpMaps().stream()
                .filter(map -> map.payloadType() == payloadType)
                .findFirst()
                .or(() -> StaticPayloadType.of(payloadType).map(StaticPayloadType::rtpMap));
    }

    /**
     * Format parameters of one payload type (RFC 8866 section 6.15), the text after the payload type.
     *
     * @return empty text when there are none
     */
    public String fmtp(int payloadType) {
        for (Attribute attribute : attributes) {
            if (!attribute.isNamed("fmtp")) {
                continue;
            }
            String value = attribute.value().strip();
            int end = 0;
            while (end < value.length() && !Character.isWhitespace(value.charAt(end))) {
                end++;
            }
            if (SdpNumbers.parse(value.substring(0, end), 127) == payloadType) {
                return value.substring(end).strip();
            }
        }
        return "";
    }
}
