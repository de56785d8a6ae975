package org.porchlight.relay.webrtc.srtp;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ciphers of the system's libcrypto. One per process. */
final class LibcryptoCipherProvider extends CipherProvider {
    private static final Logger LOG = LoggerFactory.getLogger(LibcryptoCipherProvider.class);
    /** The first JDK whose foreign-function API is final and lets short calls be marked. */
    private static final int FIRST_JDK = 22;

    private static final class Holder {
        static final @Nullable LibcryptoCipherProvider PROVIDER = bind();
    }

    private final String name;
    private final AtomicLong openCiphers = new AtomicLong();

    private LibcryptoCipherProvider() {
        long version = Libcrypto.version();
        name = "libcrypto " + (version >>> 28) + "." + (version >>> 20 & 0xff) + "." + (version >>> 4 & 0xff);
    }

    static Optional<CipherProvider> find() {
        return Optional.ofNullable(Holder.PROVIDER);
    }

    private static @Nullable LibcryptoCipherProvider bind() {
        if (Runtime.version().feature() < FIRST_JDK) {
            return null;
        }
        try {
            return new LibcryptoCipherProvider();
        } catch (LinkageError e) {
            LOG.info(
                    "libcrypto is not used: {}",
                    e.getCause() == null ? e.toString() : e.getCause().getMessage());
            return null;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    PacketCipher cipher(SrtpProfile profile, PacketKind kind, SessionKeys keys, boolean sealing) {
        PacketCipher cipher = profile.isAead()
                ? new LibcryptoGcmCipher(this, profile, kind, keys, sealing)
                : new LibcryptoCounterCipher(this, profile, kind, keys);
        openCiphers.incrementAndGet();
        return cipher;
    }

    /** Ciphers that hold native memory now. */
    long openCiphers() {
        return openCiphers.get();
    }

    void onClose() {
        openCiphers.decrementAndGet();
    }
}
