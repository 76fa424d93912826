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

    static Compression of(int id) {
        if (id >= VALUES.length) {
            throw new InvalidBatchException(
                    InvalidBatchException.Reason.UNKNOWN_COMPRESSION, "compression type is " + id);
        }
        return VALUES[id];
    }
}
