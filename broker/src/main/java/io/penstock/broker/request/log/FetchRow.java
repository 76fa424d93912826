package io.penstock.broker.request.log;

import io.penstock.broker.partition.Partition;
import io.penstock.broker.request.LogSliceRecords;
import io.penstock.storage.log.LogSlice;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.PartitionLog.AbortedTransaction;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * One partition of a fetch in work: what was read of it. Filled in by the partition's owner; the counting of rows in
 * {@link ParkedFetch} makes it visible to the connection's loop. Owns its slice until the response has it.
 */
final class FetchRow {
    /** The first version whose answer can name the leader. */
    private static final int CURRENT_LEADER = 12;

    private static final long NONE = -1;

    private final FetchPosition position;
    /** Null for a topic that does not exist. */
    private final UUID topicId;

    private Partition partition;
    private Errors error = Errors.NONE;
    private LogSlice slice;
    /** Null for readers that do not ask what is aborted. */
    private List<AbortedTransaction> aborted;

    private long highWatermark = NONE;
    private long stableOffset = NONE;
    private long startOffset = NONE;
    private PartitionLog.EpochEnd diverging;
    private int leaderEpoch = -1;

    FetchRow(FetchPosition position, UUID topicId) {
        this.position = position;
        this.topicId = topicId;
    }

    FetchPosition position() {
        return position;
    }

    UUID topicId() {
        return topicId;
    }

    /** Null before the first reading, and after an error that came before it. */
    Partition partition() {
        return partition;
    }

    boolean failed() {
        return error != Errors.NONE || diverging != null;
    }

    int bytes() {
        return slice == null ? 0 : slice.sizeBytes();
    }

    long highWatermark() {
        return highWatermark;
    }

    void fail(Errors why) {
        error = why;
    }

    /** Reads; on the owner's thread. */
    void read(Partition from, int bytesMax, boolean committed, boolean atLeastOne) {
        release();
        partition = from;
        leaderEpoch = from.leaderEpoch();
        PartitionLog log = from.log();
        highWatermark = from.highWatermark();
        stableOffset = from.lastStableOffset();
        startOffset = log.startOffset();
        error = LogErrors.epoch(from.leaderEpoch(), position.currentLeaderEpoch());
        if (error != Errors.NONE) {
            return;
        }
        diverging = divergence(log);
        if (diverging != null) {
            return;
        }
        try {
            slice = from.read(position.offset(), Math.min(bytesMax, position.bytesMax()), committed, atLeastOne);
            if (committed) {
                aborted = slice.sizeBytes() == 0
                        ? List.of()
                        : from.transactions().aborted(position.offset(), Math.min(stableOffset, slice.endOffsetMax()));
            }
        } catch (IOException e) {
            error = LogErrors.of(e);
        }
    }

    /** KIP-595: a reader that follows tells the epoch of its last record. */
    private PartitionLog.EpochEnd divergence(PartitionLog log) {
        if (position.lastFetchedEpoch() < 0) {
            return null;
        }
        Optional<PartitionLog.EpochEnd> end = log.endOfEpoch(position.lastFetchedEpoch());
        return end.filter(found -> found.epoch() < position.lastFetchedEpoch() || found.endOffset() < position.offset())
                .orElse(null);
    }

    void release() {
        if (slice != null) {
            slice.close();
            slice = null;
        }
    }

    /** Whether a session's reader hears something new by this row; also remembers what it hears. */
    boolean isNews() {
        if (failed()) {
            position.forgetTold();
            return true;
        }
        return position.tell(highWatermark, startOffset) || bytes() > 0;
    }

    private List<FetchResponseData.AbortedTransaction> abortedTransactions() {
        if (aborted == null) {
            return null;
        }
        return aborted.stream()
                .map(each -> new FetchResponseData.AbortedTransaction()
                        .setProducerId(each.producerId())
                        .setFirstOffset(each.firstOffset()))
                .toList();
    }

    /** The row of the response, which owns the slice from now on. */
    PartitionData toData(short version) {
        PartitionData data = new PartitionData()
                .setPartitionIndex(position.key().index())
                .setErrorCode(error.code())
                .setHighWatermark(highWatermark)
                .setLastStableOffset(stableOffset)
                .setLogStartOffset(startOffset)
                .setAbortedTransactions(abortedTransactions());
        if (diverging != null) {
            data.setDivergingEpoch(
                    new EpochEndOffset().setEpoch(diverging.epoch()).setEndOffset(diverging.endOffset()));
        }
        if (error == Errors.FENCED_LEADER_EPOCH && version >= CURRENT_LEADER) {
            data.currentLeader().setLeaderEpoch(leaderEpoch);
        }
        if (bytes() > 0) {
            data.setRecords(new LogSliceRecords(slice));
            slice = null;
        } else {
            release();
            data.setRecords(MemoryRecords.EMPTY);
        }
        return data;
    }
}
