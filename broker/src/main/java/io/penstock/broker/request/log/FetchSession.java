package io.penstock.broker.request.log;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.requests.FetchMetadata;

/**
 * The partitions that one reader fetches again and again (KIP-227), so that its requests name only what changed. Its
 * methods are synchronised: a client may come back over another connection.
 */
final class FetchSession {
    /** Bounds what a client can make us keep. */
    static final int PARTITIONS_MAX = 100_000;

    private final int id;
    private final boolean byId;
    private final Map<FetchPosition.Key, FetchPosition> positions = new LinkedHashMap<>();
    private int nextEpoch = 1;
    /** Ends the fetch that waits now; null when none does. */
    private Runnable waiting;

    private boolean ended;

    FetchSession(int id, boolean byId) {
        this.id = id;
        this.byId = byId;
    }

    int id() {
        return id;
    }

    boolean byId() {
        return byId;
    }

    /** A fetch of this session waits and shall be ended by {@code end}, on any thread; null when it does not any more. */
    void waits(Runnable end) {
        boolean over;
        synchronized (this) {
            waiting = end;
            over = ended;
        }
        if (over && end != null) {
            end.run();
        }
    }

    /**
     * The reader gives the session up: a fetch that still waits is answered, since the answer to the end of the session
     * has to queue behind it.
     */
    void end() {
        Runnable last;
        synchronized (this) {
            ended = true;
            last = waiting;
            waiting = null;
        }
        if (last != null) {
            last.run();
        }
    }

    /** Takes the request's epoch if it is the expected one. */
    synchronized boolean advance(int epoch) {
        if (epoch != nextEpoch) {
            return false;
        }
        nextEpoch = FetchMetadata.nextEpoch(epoch);
        return true;
    }

    /** Applies what a request adds, moves and forgets; returns all positions, the least recently served first. */
    synchronized List<FetchPosition> apply(FetchRequestData request) {
        for (ForgottenTopic topic : request.forgottenTopicsData()) {
            for (int index : topic.partitions()) {
                positions.remove(new FetchPosition.Key(byId ? null : topic.topic(), topic.topicId(), index));
            }
        }
        for (FetchPosition asked : positions(request, byId)) {
            FetchPosition known = positions.get(asked.key());
            if (known != null) {
                known.move(asked.offset(), asked.bytesMax(), asked.currentLeaderEpoch(), asked.lastFetchedEpoch());
            } else if (positions.size() < PARTITIONS_MAX) {
                positions.put(asked.key(), asked);
            }
        }
        return new ArrayList<>(positions.values());
    }

    /** Those that were served go to the end, so that a small response size starves nobody. */
    synchronized void served(List<FetchPosition> served) {
        for (FetchPosition position : served) {
            if (positions.remove(position.key(), position)) {
                positions.put(position.key(), position);
            }
        }
    }

    /** What a request names, in its order. */
    static List<FetchPosition> positions(FetchRequestData request, boolean byId) {
        List<FetchPosition> positions = new ArrayList<>();
        for (FetchTopic topic : request.topics()) {
            for (FetchPartition partition : topic.partitions()) {
                FetchPosition position = new FetchPosition(
                        new FetchPosition.Key(byId ? null : topic.topic(), topic.topicId(), partition.partition()));
                position.move(
                        partition.fetchOffset(),
                        partition.partitionMaxBytes(),
                        partition.currentLeaderEpoch(),
                        partition.lastFetchedEpoch());
                positions.add(position);
            }
        }
        return positions;
    }
}
