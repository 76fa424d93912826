package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The {@code .producers} file beside a segment: the state of the idempotent producers where the segment's
 * {@link SegmentSummary} ends.
 *
 * <pre>
 * magic i32 "PSPR" | version i16 | 0 i16 | nextOffset i64 | lastBatchCrc i32 | producers i32 | producer* | crc32c i32
 * producer: id i64 | epoch i16 | batches i16 | lastSeen i64 (milliseconds) | first offset of its undecided transaction
 *           i64 (-1) | coordinator epoch i32 (-1) | (firstSequence i32, lastSequence i32, baseOffset i64, lastOffset i64)*
 * </pre>
 *
 * Used only with the summary that was written together with it; without it the batches' headers are read. The same
 * bytes are the log's {@link ReclaimedProducers}.
 */
final class ProducerSnapshot {
    private static final int MAGIC = 0x50535052;
    private static final short VERSION = 3;
    private static final int HEADER_BYTES = 24;
    private static final int PRODUCER_BYTES = 32;
    private static final int BATCH_BYTES = 24;
    private static final int FILE_BYTES_MAX = 32 << 20;

    private ProducerSnapshot() {}

    static Path path(Path directory, long baseOffset) {
        return SegmentFiles.path(directory, baseOffset, LogNames.PRODUCERS);
    }

    static ByteBuffer encode(ProducerStates producers, Segment segment) {
        return encode(producers, segment.nextOffset, segment.lastBatchCrc);
    }

    static ByteBuffer encode(ProducerStates producers, long nextOffset, int lastBatchCrc) {
        int bytes = HEADER_BYTES + 4;
        for (ProducerState state : producers.all()) {
            bytes += PRODUCER_BYTES + state.count * BATCH_BYTES;
        }
        ByteBuffer to = ByteBuffer.allocate(bytes);
        to.putInt(MAGIC).putShort(VERSION).putShort((short) 0);
        to.putLong(nextOffset).putInt(lastBatchCrc).putInt(producers.count());
        for (ProducerState state : producers.all()) {
            to.putLong(state.producerId).putShort(state.epoch).putShort((short) state.count);
            to.putLong(state.lastTimestampMillis)
                    .putLong(state.transactionFirst)
                    .putInt(state.coordinatorEpoch);
            for (int i = 0; i < state.count; i++) {
                to.putInt(state.firstSequence(i)).putInt(state.lastSequence(i));
                to.putLong(state.baseOffset(i)).putLong(state.lastOffset(i));
            }
        }
        return SegmentSummary.sealed(to);
    }

    /**
     * Reads the state that belongs to a summary into {@code producers}.
     *
     * @return false, with nothing changed, when there is no such file
     */
    static boolean read(Disk disk, Path directory, SegmentSummary summary, ProducerStates producers, long nowMillis)
            throws IOException {
        if (summary.producers() == 0) {
            return true;
        }
        if (summary.producers() < 0) {
            return false;
        }
        ByteBuffer from = read(disk, path(directory, summary.baseOffset()));
        if (from == null
                || from.getLong(8) != summary.nextOffset()
                || from.getInt(16) != summary.lastBatchCrc()
                || from.getInt(20) != summary.producers()) {
            return false;
        }
        decode(from, producers, nowMillis);
        return true;
    }

    /** A whole file; null when there is none. */
    static ByteBuffer read(Disk disk, Path path) throws IOException {
        ByteBuffer bytes = SideFiles.read(disk, path, FILE_BYTES_MAX);
        return bytes != null && SegmentSummary.isWhole(bytes, MAGIC, VERSION, HEADER_BYTES) ? bytes : null;
    }

    static long nextOffset(ByteBuffer whole) {
        return whole.getLong(8);
    }

    /** Takes over the producers of a whole file, but those that nobody has heard of for too long. */
    static void decode(ByteBuffer from, ProducerStates producers, long nowMillis) {
        from.position(HEADER_BYTES);
        int count = from.getInt(20);
        for (int i = 0; i < count; i++) {
            ProducerState state = new ProducerState(from.getLong(), from.getShort());
            int batches = from.getShort();
            state.lastTimestampMillis = Math.min(nowMillis, from.getLong());
            state.transactionFirst = from.getLong();
            state.coordinatorEpoch = from.getInt();
            for (int b = 0; b < batches; b++) {
                state.add(from.getInt(), from.getInt(), from.getLong(), from.getLong());
            }
            producers.put(state);
        }
        producers.expire(nowMillis);
    }
}
