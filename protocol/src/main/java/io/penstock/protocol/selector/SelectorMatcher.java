package io.penstock.protocol.selector;

import io.penstock.protocol.jms.ForeignValue;
import io.penstock.protocol.jms.JmsHeader;
import io.penstock.protocol.jms.PropertyName;
import io.penstock.protocol.record.HeaderCursor;
import io.penstock.protocol.record.Record;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Evaluates one selector on records where they lie: one pass over the headers finds those that the selector names, and
 * a value is read when the evaluation asks for it (docs/mapping.md says what it is). Bodies are never looked at. Allocates
 * nothing for a record but for fractions, keys, and text that is not ASCII. Not for several threads.
 */
public final class SelectorMatcher {
    private static final byte[] TYPES = JmsHeader.bytes(JmsHeader.TYPES);
    private static final int PRIORITY_DEFAULT = 4;
    private static final int UNREAD = -1;

    private final Selector selector;
    private final IdentifierTable identifiers;
    private final String messageIdPrefix;
    private final HeaderCursor headers = new HeaderCursor();

    private final Value[] values;
    private final Value[] scratch;
    /** Where an identifier's header lies in the record's buffer, its length, -1 for a null, and its type. */
    private final int[] at;

    private final int[] bytes;
    private final boolean[] found;
    private final boolean[] mapped;
    private final boolean[] read;
    private final PropertyText.Type[] types;

    private Record record;
    private ByteBuffer buffer;
    private boolean sentByJms;
    private int[] codePoints = {};

    /**
     * @param topic with {@code partition} what JMSMessageID is made of where the record has none; null where the record
     *     is to have none
     */
    public SelectorMatcher(Selector selector, String topic, int partition) {
        this.selector = selector;
        this.identifiers = selector.identifiers();
        this.messageIdPrefix = topic == null ? null : "ID:" + topic + "-" + partition + "-";
        int size = identifiers.size();
        values = new Value[size];
        Arrays.setAll(values, i -> new Value());
        scratch = new Value[selector.scratchValues()];
        Arrays.setAll(scratch, i -> new Value());
        at = new int[size];
        bytes = new int[size];
        found = new boolean[size];
        mapped = new boolean[size];
        read = new boolean[size];
        types = new PropertyText.Type[size];
    }

    public Selector selector() {
        return selector;
    }

    /** True when the selector is true of the record; false when it is false or unknown. */
    public boolean matches(Record candidate) {
        record = candidate;
        buffer = candidate.buffer();
        Arrays.fill(found, false);
        Arrays.fill(read, false);
        findHeaders();
        return selector.condition().test(this) == Expression.TRUE;
    }

    private void findHeaders() {
        headers.open(record);
        int typesAt = UNREAD;
        int typesBytes = 0;
        boolean others = false;
        while (headers.next()) {
            if (typesAt == UNREAD && headers.nameEquals(TYPES)) {
                if (headers.hasValue()) {
                    typesAt = headers.valueAt();
                    typesBytes = headers.valueBytes();
                }
                continue;
            }
            int index = identifiers.find(buffer, headers.nameAt(), headers.nameBytes());
            if (index != IdentifierTable.NONE) {
                if (headers.hasValue() || !identifiers.isHeader(index)) {
                    found(index, false);
                }
            } else {
                others |= identifiers.mayBeMapped() && mayBeMapped();
            }
        }
        sentByJms = typesAt != UNREAD && PropertyText.isBodyKind(buffer, typesAt, typesBytes);
        if (others) {
            findMapped();
        }
        if (sentByJms) {
            Arrays.fill(types, PropertyText.Type.STRING);
            PropertyText.readTypes(buffer, typesAt, typesBytes, identifiers, types);
        }
    }

    private void found(int index, boolean byMapping) {
        found[index] = true;
        mapped[index] = byMapping;
        at[index] = headers.valueAt();
        bytes[index] = headers.hasValue() ? headers.valueBytes() : -1;
    }

    /** False for names that are identifiers as they stand. */
    private boolean mayBeMapped() {
        int length = headers.nameBytes();
        boolean capitals = true;
        for (int i = 0; i < length; i++) {
            byte b = headers.nameByte(i);
            boolean capital = b >= 'A' && b <= 'Z';
            capitals &= capital;
            boolean legal = capital || b >= 'a' && b <= 'z' || b == '_' || b == '$' || b >= '0' && b <= '9' && i > 0;
            if (!legal) {
                return true;
            }
        }
        boolean jms =
                length >= 3 && headers.nameByte(0) == 'J' && headers.nameByte(1) == 'M' && headers.nameByte(2) == 'S';
        return length == 0 || capitals && length <= 7 || jms;
    }

    /** Headers whose names became identifiers by a change: the first counts, and never before one that needed none. */
    private void findMapped() {
        headers.open(record);
        while (headers.next()) {
            if (!mayBeMapped()) {
                continue;
            }
            String name = headers.name();
            if (JmsHeader.isReserved(name) || sentByJms && PropertyName.fault(name) == null) {
                continue;
            }
            String legal = PropertyName.ofHeader(name);
            int index = legal.equals(name) ? IdentifierTable.NONE : identifiers.find(legal);
            if (index != IdentifierTable.NONE && !found[index]) {
                found(index, true);
            }
        }
    }

    /** The value of an identifier, read at its first use for a record. */
    Value identifier(int index) {
        Value value = values[index];
        if (!read[index]) {
            read[index] = true;
            read(index, value);
        }
        return value;
    }

    Value scratch(int index) {
        return scratch[index];
    }

    private void read(int index, Value value) {
        if (identifiers.isDeliveryCount(index)) {
            // Set by the provider at delivery: another one each time, so no selector can use it.
            value.setNull();
        } else if (identifiers.isHeader(index)) {
            readHeader(index, value);
        } else if (!found[index]) {
            readKey(index, value);
        } else if (bytes[index] < 0) {
            value.setNull();
        } else {
            PropertyText.Type type = sentByJms && !mapped[index] ? types[index] : PropertyText.Type.STRING;
            PropertyText.read(buffer, at[index], bytes[index], type, value);
        }
    }

    private void readHeader(int index, Value value) {
        if (index == identifiers.deliveryMode()) {
            boolean nonPersistent = found[index] && PropertyText.is(buffer, at[index], bytes[index], "NON_PERSISTENT");
            value.set(nonPersistent ? JmsHeader.NON_PERSISTENT : "PERSISTENT");
        } else if (index == identifiers.priority()) {
            long priority = found[index] ? number(index, PRIORITY_DEFAULT) : PRIORITY_DEFAULT;
            value.set(Math.max(0, Math.min(9, priority)));
        } else if (index == identifiers.timestamp()) {
            value.set(found[index] ? number(index, record.timestamp()) : record.timestamp());
        } else if (found[index]) {
            PropertyText.readText(buffer, at[index], bytes[index], value);
        } else if (index == identifiers.messageId() && !sentByJms && messageIdPrefix != null) {
            value.set(messageIdPrefix + record.offset());
        } else {
            value.setNull();
        }
    }

    private long number(int index, long otherwise) {
        return PropertyText.isLong(buffer, at[index], bytes[index])
                ? PropertyText.number(buffer, at[index], bytes[index])
                : otherwise;
    }

    private void readKey(int index, Value value) {
        value.setNull();
        boolean groupId = index == identifiers.groupId();
        if (!record.hasKey() || !groupId && index != identifiers.key()) {
            return;
        }
        ByteBuffer key = record.key();
        if (key.remaining() > Selector.VALUE_BYTES_MAX) {
            return;
        }
        String text = ForeignValue.strictText(key);
        if (groupId && text != null) {
            value.set(text);
        } else if (!groupId && text == null) {
            byte[] base64 = new byte[key.remaining()];
            key.get(base64);
            value.set(new String(Base64.getEncoder().encode(base64), StandardCharsets.US_ASCII));
        }
    }

    /** Decodes a string for LIKE; returns how many {@link #codePoints()} it has. */
    int codePoints(Value text) {
        if (codePoints.length < text.length) {
            codePoints = new int[Math.max(64, Math.max(text.length, 2 * codePoints.length))];
        }
        return PropertyText.decode(text, codePoints);
    }

    int[] codePoints() {
        return codePoints;
    }
}
