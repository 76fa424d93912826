package io.penstock.broker.delivery;

import io.penstock.protocol.selector.SelectorMatcher;
import java.util.Arrays;

/** How far the consumers of a group that have one selector have looked. Owner thread only. */
final class SelectorCursor {

    /** Null: everything matches. */
    final SelectorMatcher matcher;

    /** No record that was passed over below this offset is for these consumers. */
    long position;

    /** No record that was given back below this offset is; {@link Long#MAX_VALUE}: none at all. */
    long returnedFrom;

    int consumers;
    /** Another consumer gets everything. */
    boolean barred;
    /** The same for each priority, while priorities or due times count; else null. */
    private Levels levels;

    /** By priority, {@link #position} and {@link #returnedFrom}. */
    static final class Levels {
        final long[] positions = new long[OrderIndex.LEVELS];
        final long[] returned = new long[OrderIndex.LEVELS];
    }

    SelectorCursor(SelectorMatcher matcher) {
        this.matcher = matcher;
    }

    /** One that has looked as far as this one. */
    SelectorCursor copy() {
        SelectorCursor copy = new SelectorCursor(matcher);
        copy.position = position;
        copy.returnedFrom = returnedFrom;
        if (levels != null) {
            copy.levels = new Levels();
            System.arraycopy(levels.positions, 0, copy.levels.positions, 0, OrderIndex.LEVELS);
            System.arraycopy(levels.returned, 0, copy.levels.returned, 0, OrderIndex.LEVELS);
        }
        return copy;
    }

    Levels levels() {
        return levels;
    }

    void makeLevels() {
        if (levels == null) {
            levels = new Levels();
            Arrays.fill(levels.positions, position);
            Arrays.fill(levels.returned, returnedFrom);
        }
    }

    void forgetLevels() {
        if (levels != null) {
            position = Arrays.stream(levels.positions).min().orElseThrow();
            returnedFrom = Arrays.stream(levels.returned).min().orElseThrow();
            levels = null;
        }
    }

    /** Records at or above {@code offset} were given back. */
    void returned(long offset) {
        returnedFrom = Math.min(returnedFrom, offset);
        if (levels != null) {
            lower(levels.returned, offset);
        }
    }

    /** Records at or above {@code offset}, passed over or given back, may be delivered that could not before. */
    void opened(long offset) {
        position = Math.min(position, offset);
        if (levels != null) {
            lower(levels.positions, offset);
        }
        returned(offset);
    }

    private static void lower(long[] positions, long offset) {
        for (int level = 0; level < positions.length; level++) {
            positions[level] = Math.min(positions[level], offset);
        }
    }

    /** Grows with each step of a look, as long as nothing is given back and {@code nextOffset} does not move. */
    long progress(long nextOffset) {
        if (levels == null) {
            return position + Math.min(returnedFrom, nextOffset + 1);
        }
        long sum = 0;
        for (int level = 0; level < OrderIndex.LEVELS; level++) {
            sum += levels.positions[level] + Math.min(levels.returned[level], nextOffset + 1);
        }
        return sum;
    }
}
