package io.penstock.protocol.record;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import org.xerial.snappy.SnappyOutputStream;

/** Compresses the records of a batch in the framings that Kafka's clients read. */
final class CompressedOutput {
    private static final int SNAPPY_BLOCK_BYTES = 32 * 1024;

    private CompressedOutput() {}

    static byte[] compress(Compression compression, byte[] src, int at, int length) {
        if (compression == Compression.ZSTD) {
            return Zstd.compress(java.util.Arrays.copyOfRange(src, at, at + length));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(Math.max(64, length / 2));
        try (OutputStream stream = stream(compression, out)) {
            stream.write(src, at, length);
        } catch (IOException e) {
            throw new UncheckedIOException("in memory", e);
        }
        return out.toByteArray();
    }

    private static OutputStream stream(Compression compression, OutputStream out) throws IOException {
        return switch (compression) {
            case GZIP -> new GZIPOutputStream(out);
            case SNAPPY -> new SnappyOutputStream(out, SNAPPY_BLOCK_BYTES);
            // Kafka's reader wants independent blocks.
            case LZ4 ->
                new LZ4FrameOutputStream(
                        out,
                        LZ4FrameOutputStream.BLOCKSIZE.SIZE_64KB,
                        LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE);
            case NONE, ZSTD -> throw new IllegalArgumentException(compression + " has no stream");
        };
    }
}
