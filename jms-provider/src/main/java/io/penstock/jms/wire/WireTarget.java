package io.penstock.jms.wire;

import io.penstock.jms.client.DestinationKind;
import io.penstock.jms.client.Target;
import io.penstock.jms.message.MessageDecoder;
import io.penstock.protocol.name.TemporaryName;
import java.util.UUID;

/** A destination as the broker has described it. */
final class WireTarget implements Target {
    private final String name;
    private final DestinationKind kind;
    private final UUID topicId;
    private final int partitions;
    private final MessageDecoder decoder;
    private volatile boolean valid = true;

    WireTarget(String name, DestinationKind kind, UUID topicId, int partitions, MessageDecoder decoder) {
        this.name = name;
        this.kind = kind;
        this.topicId = topicId;
        this.partitions = partitions;
        this.decoder = decoder;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public DestinationKind kind() {
        return kind;
    }

    @Override
    public boolean isValid() {
        return valid;
    }

    void invalidate() {
        valid = false;
    }

    UUID topicId() {
        return topicId;
    }

    /** Such targets come and go: what is kept for one is kept for a while. */
    boolean isTemporary() {
        return TemporaryName.isTemporary(topicId);
    }

    int partitions() {
        return partitions;
    }

    MessageDecoder decoder() {
        return decoder;
    }
}
