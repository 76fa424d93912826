package io.penstock.broker.partition;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The log of an internal topic's partition as those see it who keep their state in it: values in, values out. Called
 * on {@link #owner()} alone.
 */
public interface InternalLog {

    io.penstock.storage.time.Owner owner();

    /** First offset that replay would give. */
    long startOffset();

    /** Offset that the next value gets. */
    long endOffset();

    /**
     * Appends values as one batch, all or none.
     *
     * @param wait true: call back when they are committed and durable; false: as soon as they are written
     */
    void append(List<ByteBuffer> values, boolean wait, Appended callback);

    /** Gives every committed value from the start; the buffers are valid during the call only. */
    void replay(Visitor visitor) throws IOException;

    /**
     * One committed value, a copy.
     *
     * @throws IOException also when there is none at that offset
     */
    ByteBuffer read(long offset) throws IOException;

    /**
     * Whether a failed append may have left the log behind: it is recovered then, and holds what recovery found. Who
     * keeps state that the log must agree with replays it.
     */
    default boolean stale() {
        return false;
    }

    /** Gives up what lies below {@code offset}. */
    void forgetBelow(long offset) throws IOException;

    /** Told how an append ended. */
    @FunctionalInterface
    interface Appended {
        /** @param baseOffset of the first value; -1 when nothing was written
         * @param failure null on success. With a base offset: written, but whether it is durable is unknown */
        void done(long baseOffset, IOException failure);
    }

    /** Gets replayed values. */
    @FunctionalInterface
    interface Visitor {
        void value(long offset, ByteBuffer value) throws IOException;
    }
}
