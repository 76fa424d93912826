package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * Asks for the branches that are prepared, or were decided by an operator and are not forgotten.
 *
 * @param all everybody's, for operators; else those of the asking user
 * @param principal the asking user; brokers say it to each other, a client's word is ignored
 */
public record ListBranchesRequest(boolean all, String principal) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.BOOLEAN_BYTES + FieldWriter.stringBytes(principal);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.bool(dst, all);
        FieldWriter.nullableString(dst, principal);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static ListBranchesRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new ListBranchesRequest(in.bool(), in.nullableString()));
    }
}
