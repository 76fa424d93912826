package io.penstock.broker.group;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Entries of the subscriptions' log, values of its records.
 *
 * <pre>
 *   version int8 = 1, or 2 for a PUT with a selector | type int8 | fields
 *   type 1 PUT      incarnation int64 | flags int8 (1 noLocal, 2 ending, 4 shared) | partitions int32 | topicId 2 x int64
 *                   | groupId | clientId | name | topicName [| selector]   (strings: int16 length, UTF-8;
 *                   no client id: empty)
 *   type 2 REMOVE   incarnation int64 | groupId
 *   type 3 COUNTER  incarnation int64: the highest that was ever given
 * </pre>
 */
final class SubscriptionCodec {
    private static final byte VERSION = 1;
    private static final byte VERSION_SELECTING = 2;
    private static final byte PUT = 1;
    private static final byte REMOVE = 2;
    private static final byte COUNTER = 3;
    private static final byte NO_LOCAL = 1;
    private static final byte ENDING = 2;
    private static final byte SHARED = 4;

    /** Where decoded entries go. */
    interface Entries {
        void put(DurableSubscription subscription);

        void remove(String groupId, long incarnation);

        void counter(long incarnation);
    }

    private SubscriptionCodec() {}

    static ByteBuffer put(DurableSubscription subscription) {
        byte[] groupId = utf8(subscription.groupId());
        byte[] clientId = utf8(subscription.clientId() == null ? "" : subscription.clientId());
        byte[] name = utf8(subscription.name());
        byte[] topicName = utf8(subscription.topicName());
        boolean selecting = subscription.selector() != null;
        byte[] selector = selecting ? utf8(subscription.selector()) : new byte[0];
        ByteBuffer entry = ByteBuffer.allocate(2
                + 8
                + 1
                + 4
                + 16
                + 10
                + groupId.length
                + clientId.length
                + name.length
                + topicName.length
                + selector.length);
        entry.put(selecting ? VERSION_SELECTING : VERSION).put(PUT).putLong(subscription.incarnation());
        entry.put((byte) ((subscription.noLocal() ? NO_LOCAL : 0)
                | (subscription.ending() ? ENDING : 0)
                | (subscription.shared() ? SHARED : 0)));
        entry.putInt(subscription.partitions());
        entry.putLong(subscription.topicId().getMostSignificantBits());
        entry.putLong(subscription.topicId().getLeastSignificantBits());
        for (byte[] text : new byte[][] {groupId, clientId, name, topicName}) {
            entry.putShort((short) text.length).put(text);
        }
        if (selecting) {
            entry.putShort((short) selector.length).put(selector);
        }
        return entry.flip();
    }

    static ByteBuffer remove(String groupId, long incarnation) {
        byte[] id = utf8(groupId);
        ByteBuffer entry = ByteBuffer.allocate(2 + 8 + 2 + id.length);
        entry.put(VERSION).put(REMOVE).putLong(incarnation).putShort((short) id.length);
        return entry.put(id).flip();
    }

    static ByteBuffer counter(long incarnation) {
        return ByteBuffer.allocate(10)
                .put(VERSION)
                .put(COUNTER)
                .putLong(incarnation)
                .flip();
    }

    /** @throws IllegalStateException for an entry that no known version wrote: the log is damaged or too new */
    static void decode(ByteBuffer value, Entries into) {
        ByteBuffer entry = value.duplicate();
        try {
            byte version = entry.get();
            byte type = entry.get();
            boolean selecting = version == VERSION_SELECTING && type == PUT;
            if (version != VERSION && !selecting) {
                throw new IllegalStateException("subscription entry of version " + version);
            }
            long incarnation = entry.getLong();
            switch (type) {
                case PUT -> into.put(readPut(entry, incarnation, selecting));
                case REMOVE -> into.remove(text(entry), incarnation);
                case COUNTER -> into.counter(incarnation);
                default -> throw new IllegalStateException("subscription entry of type " + type);
            }
        } catch (BufferUnderflowException e) {
            throw new IllegalStateException("subscription entry of " + value.remaining() + " bytes ends too soon", e);
        }
    }

    private static DurableSubscription readPut(ByteBuffer entry, long incarnation, boolean selecting) {
        byte flags = entry.get();
        int partitions = entry.getInt();
        UUID topicId = new UUID(entry.getLong(), entry.getLong());
        String groupId = text(entry);
        String clientId = text(entry);
        String name = text(entry);
        String topicName = text(entry);
        return new DurableSubscription(
                groupId,
                incarnation,
                clientId.isEmpty() ? null : clientId,
                name,
                topicId,
                topicName,
                (flags & NO_LOCAL) != 0,
                partitions,
                (flags & ENDING) != 0,
                selecting ? text(entry) : null,
                (flags & SHARED) != 0);
    }

    private static String text(ByteBuffer entry) {
        byte[] bytes = new byte[entry.getShort() & 0xffff];
        entry.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0xffff) {
            throw new IllegalArgumentException("text of " + bytes.length + " bytes");
        }
        return bytes;
    }
}
