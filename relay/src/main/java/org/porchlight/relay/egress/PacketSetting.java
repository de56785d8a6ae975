package org.porchlight.relay.egress;

import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * What a viewer of RTP packets is made with besides what every viewer is.
 *
 * @param video as agreed; null: none
 * @param audio as agreed; null: none
 * @param protector encrypts; owned by the session
 * @param rate estimates what the path carries
 * @param transport takes the datagrams of this loop
 * @param random 32 bits of dice
 */
public record PacketSetting(
        @Nullable PacketTrack video,
        @Nullable PacketTrack audio,
        PacketProtector protector,
        SendRate rate,
        DatagramTransport transport,
        ByteBufAllocator allocator,
        int random) {}
