package io.penstock.storage.simulation;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Makes uncompressed record batches for tests, byte by byte, independent of the code under test. */
public final class TestBatches {
    private long producerId = -1;
    private short producerEpoch = -1;
    private int baseSequence = -1;
    private int attributes;
    private long[] timestamps = {1000};
    private int valueBytes = 10;
    private byte fill = 'x';

    public static TestBatches batch() {
        return new TestBatches();
    }

    /** A batch of {@code count} records of {@code valueBytes} each, with one timestamp. */
    public static ByteBuffer of(int count, int valueBytes, long timestampMillis) {
        long[] timestamps = new long[count];
        java.util.Arrays.fill(timestamps, timestampMillis);
        return batch().timestamps(timestamps).valueBytes(valueBytes).build();
    }

    public TestBatches producer(long id, int epoch, int sequence) {
        producerId = id;
        producerEpoch = (short) epoch;
        baseSequence = sequence;
        return this;
    }

    public TestBatches attributes(int value) {
        attributes = value;
        return this;
    }

    /** One record for each timestamp. */
    public TestBatches timestamps(long... millis) {
        timestamps = millis;
        return this;
    }

    public TestBatches valueBytes(int bytes) {
        valueBytes = bytes;
        return this;
    }

    public TestBatches fill(int value) {
        fill = (byte) value;
        return this;
    }

    public ByteBuffer build() {
        ByteBuffer b = ByteBuffer.allocate(61 + timestamps.length * (valueBytes + 40));
        long max = Long.MIN_VALUE;
        b.position(61);
        for (int i = 0; i < timestamps.length; i++) {
            max = Math.max(max, timestamps[i]);
            ByteBuffer body = ByteBuffer.allocate(valueBytes + 40);
            body.put((byte) 0);
            varint(body, timestamps[i] - timestamps[0]);
            varint(body, i);
            varint(body, -1);
            varint(body, valueBytes);
            for (int v = 0; v < valueBytes; v++) {
                body.put(fill);
            }
            varint(body, 0);
            varint(b, body.position());
            b.put(body.flip());
        }
        int size = b.position();
        b.putLong(0, 0).putInt(8, size - 12).putInt(12, -1).put(16, (byte) 2);
        b.putShort(21, (short) attributes).putInt(23, timestamps.length - 1);
        b.putLong(27, timestamps[0]).putLong(35, max);
        b.putLong(43, producerId)
                .putShort(51, producerEpoch)
                .putInt(53, baseSequence)
                .putInt(57, timestamps.length);
        CRC32C crc = new CRC32C();
        crc.update(b.array(), 21, size - 21);
        b.putInt(17, (int) crc.getValue());
        return b.position(0).limit(size);
    }

    private static void varint(ByteBuffer to, long value) {
        long raw = (value << 1) ^ (value >> 63);
        while ((raw & ~0x7fL) != 0) {
            to.put((byte) (raw & 0x7f | 0x80));
            raw >>>= 7;
        }
        to.put((byte) raw);
    }
}
