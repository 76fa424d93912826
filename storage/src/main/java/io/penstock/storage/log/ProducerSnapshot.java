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
 * producer: id i64 | epoch i16 | batches i16 | (firstSequence i32, lastSequence i32, baseOffset i64, lastOffset i64)*
 * </pre>
 *
 * Used only with the summary that was written together with it; without it the batches' headers are read.
 */
final class ProducerSnapshot {
    private static final int MAGIC = 0x50535052;
    private static final short VERSION = 1;
    private static final int HEADER_BYTES = 24;
    private static final int PRODUCER_BYTES = 12;
    private static final int BATCH_BYTES = 24;
    private static final int FILE_BYTES_MAX = 32 << 20;

    private ProducerSnapshot() {}

    static Path path(Path directory, long baseOffset) {
        return SegmentFiles.path(directory, baseOffset, LogNames.PRODUCERS);
    }

    static ByteBuffer encode(ProducerStates producers, Segment segment) {
        int bytes = HEADER_BYTES + 4;
        for (ProducerState state : producers.all()) {
            bytes += PRODUCER_BYTES + state.count * BATCH_BYTES;
        }
        ByteBuffer to = ByteBuffer.allocate(bytes);
        to.putInt(MAGIC).putShort(VERSION).putShort((short) 0);
        to.putLong(segment.nextOffset).putInt(segment.lastBatchCrc).putInt(producers.count());
        for (ProducerState state : producers.all()) {
            to.putLong(state.producerId).putShort(state.epoch).putShort((short) state.count);
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
        ByteBuffer from = SideFiles.read(disk, path(directory, summary.baseOffset()), FILE_BYTES_MAX);
        if (from == null
                || !SegmentSummary.isWhole(from, MAGIC, VERSION, HEADER_BYTES)
                || from.getLong(8) != summary.nextOffset()
                || from.getInt(16) != summary.lastBatchCrc()
                || from.getInt(20) != summary.producers()) {
            return false;
        }
        from.position(HEADER_BYTES);
        for (int i = 0; i < summary.producers(); i++) {
            ProducerState state = new ProducerState(from.getLong(), from.getShort());
            state.lastTimestampMillis = nowMillis;
            int batches = from.getShort();
            for (int b = 0; b < batches; b++) {
                state.add(from.getInt(), from.getInt(), from.getLong(), from.getLong());
            }
            producers.put(state);
        }
        return true;
    }
}
