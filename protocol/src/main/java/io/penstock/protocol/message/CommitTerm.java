package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * One time of a home of commits: what it has refused to decide it never decides within its term, and no other term's home
 * decides what was prepared for this one. Later terms are larger.
 *
 * @param epoch leader epoch of the home's partition
 * @param life epoch of the first registration of the process that leads it
 */
public record CommitTerm(int epoch, long life) implements PrivateMessage, Comparable<CommitTerm> {
    static final int BYTES = Integer.BYTES + Long.BYTES;

    @Override
    public int compareTo(CommitTerm other) {
        int byEpoch = Integer.compare(epoch, other.epoch);
        return byEpoch != 0 ? byEpoch : Long.compare(life, other.life);
    }

    @Override
    public int sizeBytes() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(epoch).putLong(life);
    }

    static CommitTerm read(FieldReader in) {
        return new CommitTerm(in.int32(), in.int64());
    }
}
