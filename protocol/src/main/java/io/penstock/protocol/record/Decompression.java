package io.penstock.protocol.record;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.penstock.protocol.record.InvalidBatchException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import net.jpountz.lz4.LZ4FrameInputStream;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyError;

/** Decompresses the records of a batch into memory, and no further than a limit. */
final class Decompression {
    private static final byte[] XERIAL_MAGIC = {-126, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
    private static final int XERIAL_HEADER_BYTES = XERIAL_MAGIC.length + 2 * Integer.BYTES;
    private static final int FIRST_BYTES = 4096;
    private static final int EXPECTED_RATIO = 4;

    private Decompression() {}

    /** @return a buffer of its own, from 0 to its limit */
    static ByteBuffer decompress(Compression compression, ByteBuffer src, int bytesMax) {
        byte[] compressed = new byte[src.remaining()];
        src.get(src.position(), compressed);
        try {
            return switch (compression) {
                case NONE -> ByteBuffer.wrap(compressed);
                case SNAPPY -> snappy(compressed, bytesMax);
                case GZIP -> drain(new GZIPInputStream(in(compressed)), compressed.length, bytesMax);
                case LZ4 -> drain(new LZ4FrameInputStream(in(compressed)), compressed.length, bytesMax);
                case ZSTD -> drain(new ZstdInputStreamNoFinalizer(in(compressed)), compressed.length, bytesMax);
            };
        } catch (InvalidBatchException e) {
            throw e;
        } catch (IOException | RuntimeException | SnappyError e) {
            throw new InvalidBatchException(
                    Reason.INVALID, compression + " data cannot be decompressed: " + e.getMessage(), e);
        }
    }

    private static InputStream in(byte[] compressed) {
        return new java.io.ByteArrayInputStream(compressed);
    }

    private static ByteBuffer drain(InputStream compressed, int compressedBytes, int bytesMax) throws IOException {
        try (InputStream in = compressed) {
            long expected = Math.max(FIRST_BYTES, (long) compressedBytes * EXPECTED_RATIO);
            byte[] out = new byte[(int) Math.min(bytesMax, expected)];
            int filled = 0;
            while (true) {
                if (filled == out.length) {
                    int next = in.read();
                    if (next < 0) {
                        break;
                    }
                    if (filled == bytesMax) {
                        throw tooLarge(bytesMax);
                    }
                    out = Arrays.copyOf(out, (int) Math.min(bytesMax, Math.max(64, out.length * 2L)));
                    out[filled++] = (byte) next;
                }
                int read = in.read(out, filled, out.length - filled);
                if (read < 0) {
                    break;
                }
                filled += read;
            }
            return ByteBuffer.wrap(out, 0, filled).slice();
        }
    }

    /**
     * Java clients write xerial's framing, {@code magic | int32 version | int32 compatible | [int32 length | block]}, where
     * a new header may begin at any block; others write one raw block.
     */
    private static ByteBuffer snappy(byte[] src, int bytesMax) throws IOException {
        if (!startsWithMagic(src, 0)) {
            return ByteBuffer.wrap(block(src, 0, src.length, new byte[0], 0, bytesMax));
        }
        ByteBuffer in = ByteBuffer.wrap(src);
        byte[] out = new byte[0];
        int filled = 0;
        while (in.hasRemaining()) {
            if (startsWithMagic(src, in.position())) {
                in.position(in.position() + XERIAL_HEADER_BYTES);
                continue;
            }
            int length = in.getInt();
            if (length < 0 || length > in.remaining()) {
                throw InvalidBatchException.invalid(
                        "snappy block of " + length + " bytes, " + in.remaining() + " left");
            }
            int added = Snappy.uncompressedLength(src, in.position(), length);
            out = block(src, in.position(), length, out, filled, bytesMax);
            filled += added;
            in.position(in.position() + length);
        }
        return ByteBuffer.wrap(out, 0, filled).slice();
    }

    private static byte[] block(byte[] src, int at, int length, byte[] out, int filled, int bytesMax)
            throws IOException {
        int added = Snappy.uncompressedLength(src, at, length);
        if (added < 0 || added > bytesMax - filled) {
            throw tooLarge(bytesMax);
        }
        // Snappy makes at most 64 bytes of 3; a claim beyond that is checked before anything is allocated for it.
        if (added > (length + 1L) * 64) {
            throw InvalidBatchException.invalid("snappy block of " + length + " bytes claims " + added);
        }
        byte[] dst = out;
        if (dst.length - filled < added) {
            long doubled = filled == 0 ? added : Math.max(filled + (long) added, dst.length * 2L);
            dst = Arrays.copyOf(out, (int) Math.min(bytesMax, doubled));
        }
        if (Snappy.uncompress(src, at, length, dst, filled) != added) {
            throw InvalidBatchException.invalid("snappy block is shorter than it says");
        }
        return dst;
    }

    private static boolean startsWithMagic(byte[] src, int at) {
        return src.length - at >= XERIAL_HEADER_BYTES
                && Arrays.equals(src, at, at + XERIAL_MAGIC.length, XERIAL_MAGIC, 0, XERIAL_MAGIC.length);
    }

    private static InvalidBatchException tooLarge(int bytesMax) {
        return new InvalidBatchException(
                Reason.TOO_LARGE, "records take more than " + bytesMax + " bytes decompressed");
    }
}
