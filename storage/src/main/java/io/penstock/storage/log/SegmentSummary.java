package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import io.penstock.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code .index} file beside a segment: what a scan of its first {@code sizeBytes} bytes would find, so that
 * opening a log and finding an offset do not read it.
 *
 * <pre>
 * magic i32 "PSIX" | version i16 | 0 i16 | baseOffset i64 | nextOffset i64 | sizeBytes i32
 * | lastBatchPosition i32 | lastBatchCrc i32 | maxTimestamp i64 | maxTimestampPosition i32 | beganMillis i64
 * | unorderedFirst i64 | unorderedEnd i64 | lastHead i64 | firstPiece i64
 * | producers i32 | epochs i32 | entries i32 | aborted i32
 * | (epoch i32, offset i64) * epochs
 * | (offset from base i32, position i32, largest timestamp before i64) * entries
 * | (producer i64, first offset i64, marker's offset i64, stable offset i64) * aborted
 * | crc32c i32 (of all before)
 * </pre>
 *
 * Not forced, and never believed alone: the last batch that it names must be in the segment, and what lies beyond the
 * log's recovery point is read again. A missing, torn, damaged or older file costs a longer scan, nothing else
 * (invariant 11).
 *
 * @param unorderedFirst where {@link UnorderedSpan} begins and ends
 * @param lastHead see {@link SegmentHeads}, as firstPiece
 * @param producers how many producers the snapshot beside it holds; with 0 there is none
 */
record SegmentSummary(
        long baseOffset,
        long nextOffset,
        int sizeBytes,
        int lastBatchPosition,
        int lastBatchCrc,
        long maxTimestamp,
        int maxTimestampPosition,
        long beganMillis,
        long unorderedFirst,
        long unorderedEnd,
        long lastHead,
        long firstPiece,
        int producers,
        List<LeaderEpochs.Start> epochs,
        SegmentIndex index,
        AbortedTransactions aborted) {

    /** Number of producers when nobody has taken a snapshot of them. */
    static final int NO_SNAPSHOT = -1;

    private static final Logger log = LoggerFactory.getLogger(SegmentSummary.class);
    private static final int MAGIC = 0x50534958;
    private static final short VERSION = 4;
    private static final int HEADER_BYTES = 104;
    private static final int EPOCH_BYTES = 12;
    private static final int ENTRY_BYTES = 16;
    private static final int FILE_BYTES_MAX = 64 << 20;

    /** Of a segment as it is now. Owner thread, or nobody appends. */
    static SegmentSummary of(Segment segment, LeaderEpochs epochs, int producers) {
        return new SegmentSummary(
                segment.baseOffset,
                segment.nextOffset,
                segment.sizeBytes(),
                segment.lastBatchPosition,
                segment.lastBatchCrc,
                segment.maxTimestamp,
                segment.maxTimestampPosition,
                segment.beganMillis,
                segment.unordered.first(),
                segment.unordered.end(),
                segment.heads.last(),
                segment.heads.firstPiece(),
                producers,
                epochs.between(segment.baseOffset, segment.nextOffset),
                segment.index,
                segment.aborted);
    }

    static Path path(Path directory, long baseOffset) {
        return SegmentFiles.path(directory, baseOffset, LogNames.INDEX);
    }

    ByteBuffer encode() {
        int bytes = HEADER_BYTES
                + epochs.size() * EPOCH_BYTES
                + index.count() * ENTRY_BYTES
                + aborted.count() * AbortedTransactions.ENTRY_BYTES
                + 4;
        ByteBuffer to = ByteBuffer.allocate(bytes);
        to.putInt(MAGIC).putShort(VERSION).putShort((short) 0);
        to.putLong(baseOffset).putLong(nextOffset).putInt(sizeBytes);
        to.putInt(lastBatchPosition).putInt(lastBatchCrc);
        to.putLong(maxTimestamp).putInt(maxTimestampPosition).putLong(beganMillis);
        to.putLong(unorderedFirst).putLong(unorderedEnd);
        to.putLong(lastHead).putLong(firstPiece);
        to.putInt(producers).putInt(epochs.size()).putInt(index.count()).putInt(aborted.count());
        epochs.forEach(start -> to.putInt(start.epoch()).putLong(start.offset()));
        for (int i = 0; i < index.count(); i++) {
            to.putInt(index.offsetDelta(i)).putInt(index.position(i)).putLong(index.timestampBefore(i));
        }
        for (int i = 0; i < aborted.count(); i++) {
            to.putLong(aborted.producerId(i)).putLong(aborted.firstOffset(i));
            to.putLong(aborted.markerOffset(i)).putLong(aborted.stableOffset(i));
        }
        return sealed(to);
    }

    /** The field of an encoded summary. */
    static int sizeBytes(ByteBuffer encoded) {
        return encoded.getInt(24);
    }

    /** Puts the checksum of all that was written behind it. */
    static ByteBuffer sealed(ByteBuffer to) {
        CRC32C crc = new CRC32C();
        crc.update(to.slice(0, to.position()));
        return to.putInt((int) crc.getValue()).flip();
    }

    /** Whether a side file is whole: its magic, its version and its checksum are right. */
    static boolean isWhole(ByteBuffer bytes, int magic, short version, int headerBytes) {
        int limit = bytes.limit();
        if (limit < headerBytes + 4 || bytes.getInt(0) != magic || bytes.getShort(4) != version) {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, limit - 4));
        return (int) crc.getValue() == bytes.getInt(limit - 4);
    }

    /** Reads the file of a segment; null when there is none that can be used for what the segment's file holds. */
    static SegmentSummary read(Disk disk, Path directory, long baseOffset, DiskFile segment) throws IOException {
        Path path = path(directory, baseOffset);
        ByteBuffer bytes = SideFiles.read(disk, path, FILE_BYTES_MAX);
        if (bytes == null) {
            return null;
        }
        SegmentSummary found = isWhole(bytes, MAGIC, VERSION, HEADER_BYTES) ? decode(bytes) : null;
        if (found == null || found.baseOffset != baseOffset || !found.fits(segment)) {
            log.info("{} is damaged or older than its segment; the segment is read instead", path);
            return null;
        }
        return found;
    }

    private static SegmentSummary decode(ByteBuffer from) {
        from.position(8);
        long base = from.getLong();
        long next = from.getLong();
        int size = from.getInt();
        int lastPosition = from.getInt();
        int lastCrc = from.getInt();
        long maxTimestamp = from.getLong();
        int maxTimestampPosition = from.getInt();
        long beganMillis = from.getLong();
        long unorderedFirst = from.getLong();
        long unorderedEnd = from.getLong();
        long lastHead = from.getLong();
        long firstPiece = from.getLong();
        int producers = from.getInt();
        int epochCount = from.getInt();
        int entries = from.getInt();
        int abortedCount = from.getInt();
        if (epochCount < 0
                || entries < 0
                || abortedCount < 0
                || entries > SegmentIndex.ENTRIES_MAX
                || from.remaining()
                        != (long) epochCount * EPOCH_BYTES
                                + (long) entries * ENTRY_BYTES
                                + (long) abortedCount * AbortedTransactions.ENTRY_BYTES
                                + 4) {
            return null;
        }
        List<LeaderEpochs.Start> epochs = new ArrayList<>(epochCount);
        for (int i = 0; i < epochCount; i++) {
            epochs.add(new LeaderEpochs.Start(from.getInt(), from.getLong()));
        }
        SegmentIndex index = new SegmentIndex();
        for (int i = 0; i < entries; i++) {
            index.append(from.getInt(), from.getInt(), from.getLong());
        }
        index.setIntervalFromEntries();
        AbortedTransactions aborted = new AbortedTransactions();
        for (int i = 0; i < abortedCount; i++) {
            aborted.add(from.getLong(), from.getLong(), from.getLong(), from.getLong());
        }
        return new SegmentSummary(
                base,
                next,
                size,
                lastPosition,
                lastCrc,
                maxTimestamp,
                maxTimestampPosition,
                beganMillis,
                unorderedFirst,
                unorderedEnd,
                lastHead,
                firstPiece,
                producers,
                epochs,
                index,
                aborted);
    }

    /** Whether the batch that was the last when this was written is where it was. */
    private boolean fits(DiskFile segment) throws IOException {
        if (lastBatchPosition < 0 || sizeBytes - lastBatchPosition < BatchHeader.BYTES || segment.size() < sizeBytes) {
            return false;
        }
        ByteBuffer header = ByteBuffer.allocate(BatchHeader.BYTES);
        while (header.hasRemaining() && segment.read(header, lastBatchPosition + header.position()) > 0) {
            // Reads on until the header is whole.
        }
        return !header.hasRemaining()
                && BatchHeader.crc(header, 0) == lastBatchCrc
                && BatchHeader.sizeBytes(header, 0) == sizeBytes - lastBatchPosition
                && BatchHeader.lastOffset(header, 0) + 1 == nextOffset;
    }
}
