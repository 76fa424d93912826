package io.penstock.protocol.record;

/** How the records of a batch are compressed; the id is the low three bits of the batch's attributes. */
public enum Compression {
    NONE,
    GZIP,
    SNAPPY,
    LZ4,
    ZSTD;

    private static final Compression[] VALUES = values();

    int id() {
        return ordinal();
    }

    /**
     * Makes every codec ready. Some unpack a library of the system's own at their first use, which must not happen on a
     * thread that may not block. Any thread; needed once in a process.
     */
    public static void load() {
        for (Compression codec : VALUES) {
            RecordBatchBuilder builder = new RecordBatchBuilder(256).start(codec);
            builder.beginRecord(0).key(null).value(new byte[1]).endRecord();
            new RecordCursor().open(RecordBatch.of(builder.build()), 256).next();
        }
    }

    static Compression of(int id) {
        if (id >= VALUES.length) {
            throw new InvalidBatchException(
                    InvalidBatchException.Reason.UNKNOWN_COMPRESSION, "compression type is " + id);
        }
        return VALUES[id];
    }
}
