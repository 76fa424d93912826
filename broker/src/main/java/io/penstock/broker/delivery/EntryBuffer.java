package io.penstock.broker.delivery;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Bytes of ledger entries: grows when written, checks when read. Numbers are unsigned LEB128, seven bits a byte, low
 * bits first, because offsets' differences are small.
 */
final class EntryBuffer {

    private static final int STRING_BYTES_MAX = 64 << 10;

    private ByteBuffer bytes;

    EntryBuffer(int capacity) {
        this(ByteBuffer.allocate(capacity));
    }

    private EntryBuffer(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** For reading; {@code bytes} is consumed. */
    static EntryBuffer reading(ByteBuffer bytes) {
        return new EntryBuffer(bytes);
    }

    int position() {
        return bytes.position();
    }

    int capacity() {
        return bytes.capacity();
    }

    void clear() {
        bytes.clear();
    }

    /** What has been written, as a view. */
    ByteBuffer written() {
        return bytes.duplicate().flip();
    }

    /** Takes out the bytes from {@code from} to {@code to}. */
    void cut(int from, int to) {
        byte[] array = bytes.array();
        System.arraycopy(array, to, array, from, bytes.position() - to);
        bytes.position(bytes.position() - (to - from));
    }

    EntryBuffer putByte(int value) {
        room(1);
        bytes.put((byte) value);
        return this;
    }

    EntryBuffer putNumber(long value) {
        room(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes.put((byte) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        bytes.put((byte) rest);
        return this;
    }

    EntryBuffer putLong(long value) {
        room(8);
        bytes.putLong(value);
        return this;
    }

    /** {@code null} is told from the empty string. */
    EntryBuffer putString(String text) {
        if (text == null) {
            return putNumber(0);
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        putNumber(utf8.length + 1L);
        room(utf8.length);
        bytes.put(utf8);
        return this;
    }

    EntryBuffer putSession(SessionKey session) {
        return putLong(session.connection()).putNumber(Integer.toUnsignedLong(session.session()));
    }

    EntryBuffer putRanges(OffsetRanges ranges) {
        putNumber(ranges.size());
        long previous = 0;
        for (int i = 0; i < ranges.size(); i++) {
            putNumber(ranges.first(i) - previous).putNumber(ranges.last(i) - ranges.first(i));
            previous = ranges.last(i);
        }
        return this;
    }

    EntryBuffer putBytes(ByteBuffer source) {
        putNumber(source.remaining());
        room(source.remaining());
        bytes.put(source);
        return this;
    }

    /** Without a size before it. */
    EntryBuffer putRaw(ByteBuffer source) {
        room(source.remaining());
        bytes.put(source);
        return this;
    }

    boolean hasRemaining() {
        return bytes.hasRemaining();
    }

    int readByte() throws LedgerCorruptException {
        try {
            return bytes.get();
        } catch (BufferUnderflowException e) {
            throw new LedgerCorruptException("entry ends too early", e);
        }
    }

    long readNumber() throws LedgerCorruptException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = readByte();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new LedgerCorruptException("number of more than ten bytes", null);
    }

    /** A count or size that the rest of the buffer can hold, so that nothing is allocated from a bad one. */
    int readSize(int bytesEach) throws LedgerCorruptException {
        long size = readNumber();
        if (size < 0 || size * bytesEach > bytes.remaining()) {
            throw new LedgerCorruptException("size " + size + " with " + bytes.remaining() + " bytes left", null);
        }
        return (int) size;
    }

    long readLong() throws LedgerCorruptException {
        try {
            return bytes.getLong();
        } catch (BufferUnderflowException e) {
            throw new LedgerCorruptException("entry ends too early", e);
        }
    }

    String readString() throws LedgerCorruptException {
        long size = readNumber() - 1;
        if (size == -1) {
            return null;
        }
        if (size < 0 || size > STRING_BYTES_MAX || size > bytes.remaining()) {
            throw new LedgerCorruptException("string of " + size + " bytes", null);
        }
        byte[] utf8 = new byte[(int) size];
        bytes.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    SessionKey readSession() throws LedgerCorruptException {
        return new SessionKey(readLong(), (int) readNumber());
    }

    OffsetRanges readRanges() throws LedgerCorruptException {
        int size = readSize(2);
        OffsetRanges ranges = new OffsetRanges();
        long previous = 0;
        for (int i = 0; i < size; i++) {
            long first = previous + readNumber();
            long last = first + readNumber();
            if (first < 0 || last < first || last == Long.MAX_VALUE) {
                throw new LedgerCorruptException("range [" + first + ", " + last + "]", null);
            }
            ranges.add(first, last);
            previous = last;
        }
        return ranges;
    }

    ByteBuffer readBytes() throws LedgerCorruptException {
        int size = readSize(1);
        ByteBuffer slice = bytes.slice(bytes.position(), size);
        bytes.position(bytes.position() + size);
        return slice;
    }

    private void room(int more) {
        if (bytes.remaining() < more) {
            int wanted = Math.max(2 * bytes.capacity(), bytes.position() + more);
            bytes = ByteBuffer.allocate(wanted).put(bytes.flip());
        }
    }
}
