package org.porchlight.relay.webrtc.srtp;

import java.lang.invoke.MethodHandle;

/**
 * The functions of OpenSSL's libcrypto (3.x) that packets need, with its names. Loading this class binds them, and fails where that cannot
 * be: only {@link LibcryptoCipherProvider#find} may be the first to touch it. The handles are constants, so that the JIT compiles a call
 * into a call.
 *
 * <p>Per-packet functions return 1 for success. The contexts behind the addresses belong to whoever made them; nothing here is checked.
 */
final class Libcrypto {
    static final int SET_GCM_IV_LENGTH = 0x09;
    static final int GET_GCM_TAG = 0x10;
    static final int SET_GCM_TAG = 0x11;

    private static final ForeignLibrary LIBRARY = new ForeignLibrary("libcrypto.so.3");

    private static final MethodHandle VERSION = LIBRARY.function("OpenSSL_version_num", long.class);
    private static final MethodHandle AES_128_GCM = LIBRARY.function("EVP_aes_128_gcm", long.class);
    private static final MethodHandle AES_256_GCM = LIBRARY.function("EVP_aes_256_gcm", long.class);
    private static final MethodHandle AES_128_CTR = LIBRARY.function("EVP_aes_128_ctr", long.class);
    private static final MethodHandle SHA1 = LIBRARY.function("EVP_sha1", long.class);
    private static final MethodHandle CIPHER_NEW = LIBRARY.function("EVP_CIPHER_CTX_new", long.class);
    private static final MethodHandle CIPHER_FREE = LIBRARY.function("EVP_CIPHER_CTX_free", void.class, long.class);
    private static final MethodHandle CIPHER_KEY = LIBRARY.function(
            "EVP_CipherInit_ex", int.class, long.class, long.class, long.class, long.class, long.class, int.class);
    private static final MethodHandle HMAC_NEW = LIBRARY.function("HMAC_CTX_new", long.class);
    private static final MethodHandle HMAC_FREE = LIBRARY.function("HMAC_CTX_free", void.class, long.class);
    private static final MethodHandle HMAC_KEY =
            LIBRARY.function("HMAC_Init_ex", int.class, long.class, long.class, int.class, long.class, long.class);

    private static final MethodHandle CIPHER_START = LIBRARY.shortFunction(
            "EVP_CipherInit_ex", int.class, long.class, long.class, long.class, long.class, long.class, int.class);
    private static final MethodHandle CIPHER_UPDATE = LIBRARY.shortFunction(
            "EVP_CipherUpdate", int.class, long.class, long.class, long.class, long.class, int.class);
    private static final MethodHandle CIPHER_FINAL =
            LIBRARY.shortFunction("EVP_CipherFinal_ex", int.class, long.class, long.class, long.class);
    private static final MethodHandle CIPHER_CONTROL =
            LIBRARY.shortFunction("EVP_CIPHER_CTX_ctrl", int.class, long.class, int.class, int.class, long.class);
    private static final MethodHandle HMAC_START =
            LIBRARY.shortFunction("HMAC_Init_ex", int.class, long.class, long.class, int.class, long.class, long.class);
    private static final MethodHandle HMAC_UPDATE =
            LIBRARY.shortFunction("HMAC_Update", int.class, long.class, long.class, long.class);
    private static final MethodHandle HMAC_FINAL =
            LIBRARY.shortFunction("HMAC_Final", int.class, long.class, long.class, long.class);

    private Libcrypto() {}

    /** 0xMNN00PP0L: major, minor, patch. */
    static long version() {
        try {
            return (long) VERSION.invokeExact();
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    /** An EVP_CIPHER, never freed. */
    static long cipherOf(SrtpProfile profile) {
        try {
            return switch (profile) {
                case AEAD_AES_128_GCM -> (long) AES_128_GCM.invokeExact();
                case AEAD_AES_256_GCM -> (long) AES_256_GCM.invokeExact();
                case AES128_CM_HMAC_SHA1_80 -> (long) AES_128_CTR.invokeExact();
            };
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    /** An EVP_MD, never freed. */
    static long sha1() {
        try {
            return (long) SHA1.invokeExact();
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    static long newCipher() {
        try {
            return notNull((long) CIPHER_NEW.invokeExact());
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    static void freeCipher(long context) {
        try {
            CIPHER_FREE.invokeExact(context);
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    /**
     * Gives a context its cipher and direction, and the key.
     *
     * @param key 0: not yet
     */
    static void keyCipher(long context, long cipher, long key, boolean encrypt) {
        try {
            check((int) CIPHER_KEY.invokeExact(context, cipher, 0L, key, 0L, encrypt ? 1 : 0));
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    static long newHmac() {
        try {
            return notNull((long) HMAC_NEW.invokeExact());
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    static void freeHmac(long context) {
        try {
            HMAC_FREE.invokeExact(context);
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    static void keyHmac(long context, long key, int length, long digest) {
        try {
            check((int) HMAC_KEY.invokeExact(context, key, length, digest, 0L));
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    /** Begins a packet under the key set before. */
    static void start(long context, long nonce) {
        try {
            check((int) CIPHER_START.invokeExact(context, 0L, 0L, 0L, nonce, -1));
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    /**
     * Encrypts or decrypts a piece.
     *
     * @param out may be {@code in}; 0: the piece is only authenticated
     * @param outLength where an int is written that nobody reads
     */
    static void update(long context, long out, long outLength, long in, int length) {
        try {
            check((int) CIPHER_UPDATE.invokeExact(context, out, outLength, in, length));
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    /** Ends a packet; false: it is not authentic. */
    static boolean finish(long context, long out, long outLength) {
        try {
            return (int) CIPHER_FINAL.invokeExact(context, out, outLength) == 1;
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    static void control(long context, int command, int argument, long pointer) {
        try {
            check((int) CIPHER_CONTROL.invokeExact(context, command, argument, pointer));
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    /** The HMAC of one piece of memory under the key set before; 20 bytes are written. */
    static void hmac(long context, long in, long length, long out) {
        try {
            check((int) HMAC_START.invokeExact(context, 0L, 0, 0L, 0L));
            check((int) HMAC_UPDATE.invokeExact(context, in, length));
            check((int) HMAC_FINAL.invokeExact(context, out, 0L));
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    private static void check(int result) {
        if (result != 1) {
            throw new IllegalStateException("libcrypto refused a call");
        }
    }

    private static long notNull(long address) {
        if (address == 0) {
            throw new IllegalStateException("libcrypto is out of memory");
        }
        return address;
    }

    private static RuntimeException broken(Throwable t) {
        if (t instanceof Error error) {
            throw error;
        }
        return t instanceof RuntimeException known ? known : new IllegalStateException(t);
    }
}
