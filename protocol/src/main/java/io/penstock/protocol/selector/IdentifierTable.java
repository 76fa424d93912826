package io.penstock.protocol.selector;

import io.penstock.protocol.jms.JmsHeader;
import io.penstock.protocol.jms.PropertyName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The identifiers of a selector, found by the bytes of a record header's name without making a string of it. Filled by the
 * parser, not changed afterwards.
 */
final class IdentifierTable {
    static final int NONE = -1;

    private final List<byte[]> names = new ArrayList<>();
    /** Open addressing; index + 1, 0 for empty. */
    private int[] table = new int[8];

    private boolean mayBeMapped;
    private int groupId = NONE;
    private int key = NONE;
    private int priority = NONE;
    private int deliveryMode = NONE;
    private int timestamp = NONE;
    private int messageId = NONE;

    /** @return null for a name that a selector may use (Messaging 3.1 §3.8.1.1) */
    static String fault(String name) {
        if (!name.startsWith("JMS") || PropertyName.isKnownJms(name)) {
            return null;
        }
        return switch (name) {
            case JmsHeader.DELIVERY_MODE,
                    JmsHeader.PRIORITY,
                    JmsHeader.MESSAGE_ID,
                    JmsHeader.TIMESTAMP,
                    JmsHeader.CORRELATION_ID,
                    JmsHeader.TYPE -> null;
            default ->
                "a selector cannot use " + name + ": of the headers only JMSDeliveryMode, JMSPriority, "
                        + "JMSMessageID, JMSTimestamp, JMSCorrelationID and JMSType are allowed";
        };
    }

    /** The identifier's index; the same for the same name. */
    int add(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        int present = find(ByteBuffer.wrap(utf8), 0, utf8.length);
        if (present != NONE) {
            return present;
        }
        int index = names.size();
        names.add(utf8);
        if (2 * names.size() > table.length) {
            table = new int[2 * table.length];
            for (int i = 0; i < index; i++) {
                insert(i);
            }
        }
        insert(index);
        note(name, index);
        return index;
    }

    private void note(String name, int index) {
        mayBeMapped |= name.indexOf('_') >= 0 || name.chars().anyMatch(c -> c > 0x7f);
        switch (name) {
            case PropertyName.GROUP_ID -> groupId = index;
            case PropertyName.KEY -> key = index;
            case JmsHeader.PRIORITY -> priority = index;
            case JmsHeader.DELIVERY_MODE -> deliveryMode = index;
            case JmsHeader.TIMESTAMP -> timestamp = index;
            case JmsHeader.MESSAGE_ID -> messageId = index;
            default -> {
                // Found by its header alone.
            }
        }
    }

    private void insert(int index) {
        byte[] name = names.get(index);
        int at = hash(ByteBuffer.wrap(name), 0, name.length) & table.length - 1;
        while (table[at] != 0) {
            at = at + 1 & table.length - 1;
        }
        table[at] = index + 1;
    }

    private static int hash(ByteBuffer buffer, int from, int bytes) {
        int hash = bytes;
        for (int i = 0; i < bytes; i++) {
            hash = 31 * hash + buffer.get(from + i);
        }
        return hash ^ hash >>> 15;
    }

    /** @return {@link #NONE} for a name that the selector does not use */
    int find(ByteBuffer buffer, int from, int bytes) {
        int at = hash(buffer, from, bytes) & table.length - 1;
        while (table[at] != 0) {
            byte[] name = names.get(table[at] - 1);
            if (name.length == bytes && same(name, buffer, from)) {
                return table[at] - 1;
            }
            at = at + 1 & table.length - 1;
        }
        return NONE;
    }

    int find(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return find(ByteBuffer.wrap(utf8), 0, utf8.length);
    }

    private static boolean same(byte[] name, ByteBuffer buffer, int from) {
        for (int i = name.length - 1; i >= 0; i--) {
            if (name[i] != buffer.get(from + i)) {
                return false;
            }
        }
        return true;
    }

    int size() {
        return names.size();
    }

    /** True when the name of a header that is no identifier may have become one of these (docs/mapping.md). */
    boolean mayBeMapped() {
        return mayBeMapped;
    }

    boolean isDeliveryCount(int index) {
        return Arrays.equals(names.get(index), PropertyName.DELIVERY_COUNT.getBytes(StandardCharsets.US_ASCII));
    }

    int groupId() {
        return groupId;
    }

    int key() {
        return key;
    }

    int priority() {
        return priority;
    }

    int deliveryMode() {
        return deliveryMode;
    }

    int timestamp() {
        return timestamp;
    }

    int messageId() {
        return messageId;
    }

    /** Whether the identifier is one of the six headers; all others are properties. */
    boolean isHeader(int index) {
        byte[] name = names.get(index);
        return name.length > 3
                && name[0] == 'J'
                && name[1] == 'M'
                && name[2] == 'S'
                && name[3] != 'X'
                && name[3] != '_';
    }
}
