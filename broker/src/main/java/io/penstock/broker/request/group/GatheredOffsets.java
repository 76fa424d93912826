package io.penstock.broker.request.group;

import io.penstock.broker.group.CommittedOffset;
import io.penstock.broker.group.TopicPartitionKey;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.TopicImage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;

/**
 * The offsets of one request to commit some, in a transaction or not: partitions that do not exist, and texts that are too
 * long, are refused row by row, the others are committed together and answered alike.
 */
public final class GatheredOffsets {
    private final ClusterImage image;
    private final boolean byId;
    private final long nowMillis;
    private final int metadataBytesMax;
    private final Map<TopicPartitionKey, CommittedOffset> offsets = new LinkedHashMap<>();
    private final List<Row> accepted = new ArrayList<>();
    private TopicImage topic;

    /** One partition's row of the response. */
    @FunctionalInterface
    public interface Row {
        void error(short code);
    }

    /**
     * @param byId whether the request names topics by their ids
     * @param metadataBytesMax {@code offset.metadata.max.bytes}
     */
    public GatheredOffsets(ClusterImage image, boolean byId, long nowMillis, int metadataBytesMax) {
        this.image = image;
        this.byId = byId;
        this.nowMillis = nowMillis;
        this.metadataBytesMax = metadataBytesMax;
    }

    /** Rows of this topic follow. */
    public void topic(String name, Uuid id) {
        topic = (byId
                        ? image.topic(new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()))
                        : image.topic(name))
                .orElse(null);
    }

    /** @param metadata the client's text, or null */
    public void add(int partition, long offset, int leaderEpoch, String metadata, Row row) {
        Errors error = check(partition, metadata);
        row.error(error.code());
        if (error == Errors.NONE) {
            accepted.add(row);
            offsets.put(
                    new TopicPartitionKey(topic.name(), partition),
                    new CommittedOffset(offset, leaderEpoch, metadata == null ? "" : metadata, nowMillis, topic.id()));
        }
    }

    private Errors check(int partition, String metadata) {
        if (topic == null) {
            return byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        if (partition < 0 || partition >= topic.partitions().size()) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        boolean tooLarge = metadata != null
                && metadata.length() > metadataBytesMax / 4
                && metadata.getBytes(StandardCharsets.UTF_8).length > metadataBytesMax;
        return tooLarge ? Errors.OFFSET_METADATA_TOO_LARGE : Errors.NONE;
    }

    /** What may be committed. */
    public Map<TopicPartitionKey, CommittedOffset> offsets() {
        return offsets;
    }

    /** How the commit of all that was not refused ended. */
    public void answer(short code) {
        accepted.forEach(row -> row.error(code));
    }
}
