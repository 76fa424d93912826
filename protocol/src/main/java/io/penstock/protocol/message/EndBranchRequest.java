package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * Says how a prepared branch ends. Idempotent: who asks again is told what has become of it.
 *
 * @param principal whose branch it must be, null for anybody's; brokers say it to each other, a client's word is ignored
 */
public record EndBranchRequest(BranchId branch, Action action, String principal) implements PrivateMessage {

    /** What is to become of it. */
    public enum Action {
        COMMIT,
        ROLL_BACK,
        /** Of one that was decided by an operator: its transaction manager has taken note. */
        FORGET,
        /** By an operator, without its transaction manager, which is told when it asks. */
        COMMIT_BY_HAND,
        ROLL_BACK_BY_HAND,
        /** By an operator, for a transaction manager that is gone. */
        FORGET_BY_HAND;

        public boolean commits() {
            return this == COMMIT || this == COMMIT_BY_HAND;
        }

        public boolean byHand() {
            return this == COMMIT_BY_HAND || this == ROLL_BACK_BY_HAND || this == FORGET_BY_HAND;
        }

        public boolean forgets() {
            return this == FORGET || this == FORGET_BY_HAND;
        }
    }

    @Override
    public int sizeBytes() {
        return branch.sizeBytes() + Byte.BYTES + FieldWriter.stringBytes(principal);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        branch.writeTo(dst);
        dst.put((byte) action.ordinal());
        FieldWriter.nullableString(dst, principal);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static EndBranchRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        BranchId branch = BranchId.read(in);
        int code = in.int8();
        if (code < 0 || code >= Action.values().length) {
            throw new MalformedMessageException("end " + code + " of a branch");
        }
        return in.last(new EndBranchRequest(branch, Action.values()[code], in.nullableString()));
    }
}
