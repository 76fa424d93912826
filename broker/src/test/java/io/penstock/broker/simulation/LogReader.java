package io.penstock.broker.simulation;

import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordCursor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Fetches a partition's records by Kafka's protocol and holds them against the truth. */
final class LogReader {
    private static final int VERSION = 12;
    private static final int FETCH_BYTES = 1 << 20;

    private final World world;
    private final ClientChannel channel;
    private final KnownLeaders leaders;
    final Place place;
    /** Reads as {@code read_committed}, and tells the transactions' model what it sees. */
    private boolean committedOnly;

    /** Aborted transactions whose markers were passed. */
    private final Set<AbortedTransaction> ended = new HashSet<>();

    private long stableOffset;
    private long highWatermark;
    long position;

    LogReader(World world, int machine, Place place) {
        this.world = world;
        this.channel = new ClientChannel(world.cluster, machine);
        this.leaders = new KnownLeaders(world.cluster);
        this.place = place;
    }

    LogReader committedOnly() {
        committedOnly = true;
        return this;
    }

    /** Whether nothing is undecided, as the leader said last. */
    boolean decided() {
        return stableOffset == highWatermark;
    }

    /** Reads for ever, now and then from the beginning or a bit before. */
    void follow() {
        fetch(200, next -> {
            if (!committedOnly && world.random(10) == 0) {
                position = Math.max(0, position - world.random(50));
            }
            world.later(world.random(400), this::follow);
        });
    }

    /** One fetch; {@code then} gets the batches' headers that came, null when there was no answer of worth. */
    void fetch(int waitMillis, Consumer<List<RecordBatch>> then) {
        int leader = leaders.of(place);
        if (leader < 0) {
            world.later(50, () -> then.accept(null));
            return;
        }
        FetchRequestData request = new FetchRequestData()
                .setMaxWaitMs(waitMillis)
                .setMinBytes(1)
                .setMaxBytes(FETCH_BYTES)
                .setSessionId(0)
                .setSessionEpoch(-1)
                .setIsolationLevel((byte) (committedOnly ? 1 : 0))
                .setTopics(List.of(new FetchTopic()
                        .setTopic(place.topic())
                        .setPartitions(List.of(new FetchPartition()
                                .setPartition(place.partition())
                                .setCurrentLeaderEpoch(-1)
                                .setFetchOffset(position)
                                .setPartitionMaxBytes(FETCH_BYTES)))));
        channel.ask(leader, ApiKeys.FETCH, VERSION, request, new ClientChannel.Outcome<>() {
            @Override
            public void answered(ApiMessage answer) {
                FetchResponseData data = (FetchResponseData) answer;
                if (data.errorCode() != 0 || data.responses().isEmpty()) {
                    then.accept(null);
                    return;
                }
                then.accept(took(data.responses().get(0).partitions().get(0), leader));
            }

            @Override
            public void failed() {
                world.later(20, () -> then.accept(null));
            }
        });
    }

    private List<RecordBatch> took(PartitionData row, int broker) {
        String who = "a reader of broker " + broker + " at " + position;
        Errors error = Errors.forCode(row.errorCode());
        if (error == Errors.OFFSET_OUT_OF_RANGE) {
            throw world.cluster.wrong("13: " + place + " is out of range for " + who + ", it was read up to there");
        }
        if (error != Errors.NONE) {
            return null;
        }
        ByteBuffer bytes = row.records() == null ? ByteBuffer.allocate(0) : ((MemoryRecords) row.records()).buffer();
        TreeMap<Long, Long> found = new TreeMap<>();
        List<RecordBatch> batches = new ArrayList<>();
        long end = position;
        RecordCursor cursor = new RecordCursor();
        for (int at = bytes.position(); at + RecordBatch.HEADER_BYTES <= bytes.limit(); ) {
            if (at + RecordBatch.sizeAt(bytes, at) > bytes.limit()) {
                break;
            }
            RecordBatch batch = RecordBatch.of(bytes).wrap(bytes, at);
            if (!batch.crcFits()) {
                throw world.cluster.wrong("12: a batch of " + place + " is damaged for " + who + ": " + batch);
            }
            batches.add(batch);
            cursor.open(batch, 1 << 20);
            while (cursor.next()) {
                // A marker's timestamp is no id.
                found.put(
                        cursor.record().offset(),
                        batch.control() ? -1 : cursor.record().timestamp());
            }
            end = batch.nextOffset();
            at = batch.end();
        }
        stableOffset = row.lastStableOffset();
        highWatermark = row.highWatermark();
        if (committedOnly) {
            tellVisible(row, batches);
        }
        if (end > position) {
            world.truth(place).read(position, end, found.tailMap(position, true), who);
            position = end;
            world.reads++;
        }
        return batches;
    }

    /** As Kafka's consumer does: what an aborted transaction wrote, from its first offset to its marker, is left out. */
    private void tellVisible(PartitionData row, List<RecordBatch> batches) {
        List<AbortedTransaction> aborted =
                row.abortedTransactions() == null ? List.of() : new ArrayList<>(row.abortedTransactions());
        Set<Long> open = new HashSet<>();
        RecordCursor cursor = new RecordCursor();
        for (RecordBatch batch : batches) {
            for (AbortedTransaction each : aborted) {
                if (each.firstOffset() <= batch.lastOffset() && !ended.contains(each)) {
                    open.add(each.producerId());
                }
            }
            if (batch.control()) {
                open.remove(batch.producerId());
                aborted.stream()
                        .filter(each ->
                                each.producerId() == batch.producerId() && each.firstOffset() <= batch.lastOffset())
                        .forEach(ended::add);
            } else if (!open.contains(batch.producerId())) {
                cursor.open(batch, 1 << 20);
                while (cursor.next()) {
                    world.transactions()
                            .seen(
                                    cursor.record().timestamp(),
                                    place,
                                    cursor.record().offset());
                }
            }
        }
    }
}
