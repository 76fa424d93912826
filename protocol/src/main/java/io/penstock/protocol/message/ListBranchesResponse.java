package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** The branches that were asked for, the oldest first. */
public record ListBranchesResponse(List<BranchDescription> branches) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.listBytes(branches);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.list(dst, branches);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static ListBranchesResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new ListBranchesResponse(in.list(BranchDescription.BYTES_MIN, BranchDescription::read)));
    }
}
