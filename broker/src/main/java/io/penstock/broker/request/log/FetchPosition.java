package io.penstock.broker.request.log;

import java.util.UUID;
import org.apache.kafka.common.Uuid;

/**
 * What a reader wants of one partition, and in a fetch session what it was told last. Owned by the request, or by the
 * session, whose requests come one after another.
 */
final class FetchPosition {
    /** Names the partition as the request did: by topic name, or by topic id (then the name is null). */
    record Key(String topic, Uuid topicId, int index) {}

    private final Key key;
    private long offset;
    private int bytesMax;
    private int currentLeaderEpoch;
    private int lastFetchedEpoch;
    private long toldHighWatermark = -1;
    private long toldStartOffset = -1;

    FetchPosition(Key key) {
        this.key = key;
    }

    Key key() {
        return key;
    }

    void move(long offset, int bytesMax, int currentLeaderEpoch, int lastFetchedEpoch) {
        this.offset = offset;
        this.bytesMax = bytesMax;
        this.currentLeaderEpoch = currentLeaderEpoch;
        this.lastFetchedEpoch = lastFetchedEpoch;
    }

    long offset() {
        return offset;
    }

    int bytesMax() {
        return bytesMax;
    }

    int currentLeaderEpoch() {
        return currentLeaderEpoch;
    }

    /** -1 for readers that do not follow. */
    int lastFetchedEpoch() {
        return lastFetchedEpoch;
    }

    UUID topicId() {
        return new UUID(key.topicId().getMostSignificantBits(), key.topicId().getLeastSignificantBits());
    }

    /** Remembers what the reader is told now; true when that differs from before. */
    boolean tell(long highWatermark, long startOffset) {
        boolean news = highWatermark != toldHighWatermark || startOffset != toldStartOffset;
        toldHighWatermark = highWatermark;
        toldStartOffset = startOffset;
        return news;
    }

    /** After an error the next good answer is news in any case. */
    void forgetTold() {
        toldHighWatermark = -1;
        toldStartOffset = -1;
    }
}
