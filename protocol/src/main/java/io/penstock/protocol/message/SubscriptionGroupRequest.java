package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * The leader of the subscriptions tells a partition's leader of the group of one of them.
 *
 * @param partitions of the topic when the subscription was made: later ones it gets from their first record
 * @param excludedSender whose own messages it does not get, or null
 */
public record SubscriptionGroupRequest(
        Action action,
        UUID topicId,
        int partition,
        String groupId,
        long incarnation,
        int partitions,
        String excludedSender,
        String selector)
        implements PrivateMessage {

    /** What is to be done. */
    public enum Action {
        CREATE,
        DELETE,
        /** The reply tells how much its consumers hold. */
        COUNT_HELD
    }

    @Override
    public int sizeBytes() {
        return Byte.BYTES
                + FieldWriter.UUID_BYTES
                + 2 * Integer.BYTES
                + Long.BYTES
                + FieldWriter.stringBytes(groupId)
                + FieldWriter.stringBytes(excludedSender)
                + FieldWriter.stringBytes(selector);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.put((byte) action.ordinal());
        FieldWriter.uuid(dst, topicId);
        dst.putInt(partition);
        FieldWriter.string(dst, groupId);
        dst.putLong(incarnation).putInt(partitions);
        FieldWriter.nullableString(dst, excludedSender);
        FieldWriter.nullableString(dst, selector);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static SubscriptionGroupRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        int code = in.int8();
        if (code < 0 || code >= Action.values().length) {
            throw new MalformedMessageException("action " + code + " on a subscription's group");
        }
        return in.last(new SubscriptionGroupRequest(
                Action.values()[code],
                in.uuid(),
                in.int32(),
                in.string(),
                in.int64(),
                in.int32(),
                in.nullableString(),
                in.nullableString()));
    }
}
