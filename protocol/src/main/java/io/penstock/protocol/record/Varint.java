package io.penstock.protocol.record;

import java.nio.ByteBuffer;

/** Kafka's variable-length numbers: zigzag, then seven bits a byte, lowest first, the high bit saying that more follow. */
final class Varint {
    static final int INT_BYTES_MAX = 5;
    static final int LONG_BYTES_MAX = 10;

    private Varint() {}

    /** @throws InvalidBatchException when the number does not end within {@code bytesMax} bytes and before {@code end} */
    static long read(ByteBuffer src, int position, int end, int bytesMax) {
        long bits = 0;
        int stop = Math.min(end, position + bytesMax);
        for (int i = position, shift = 0; i < stop; i++, shift += 7) {
            byte b = src.get(i);
            bits |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                if (bytesMax == INT_BYTES_MAX) {
                    bits &= 0xffff_ffffL;
                }
                return bits >>> 1 ^ -(bits & 1);
            }
        }
        throw InvalidBatchException.invalid("a variable-length number does not end, at byte " + position);
    }

    /** Bytes of the number at {@code position}, which {@link #read} has accepted. */
    static int length(ByteBuffer src, int position) {
        int i = position;
        while (src.get(i) < 0) {
            i++;
        }
        return i - position + 1;
    }

    static int bytes(int value) {
        return bytes((long) value);
    }

    static int bytes(long value) {
        long bits = value << 1 ^ value >> 63;
        return bits == 0 ? 1 : (Long.SIZE - Long.numberOfLeadingZeros(bits) + 6) / 7;
    }

    /** @return the position behind the number */
    static int write(byte[] dst, int position, long value) {
        long bits = value << 1 ^ value >> 63;
        int at = position;
        while ((bits & ~0x7fL) != 0) {
            dst[at++] = (byte) (bits | 0x80);
            bits >>>= 7;
        }
        dst[at++] = (byte) bits;
        return at;
    }
}
