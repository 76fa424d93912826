package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A branch of a distributed transaction, as its transaction manager names it (X/Open XA, Jakarta Transactions {@code Xid}).
 *
 * <pre>
 *   formatId int32 | int8 length, global id (1 to 64 bytes) | int8 length, branch qualifier (0 to 64 bytes)
 *   as text: formatId:global id:branch qualifier, the format id in decimal and the rest in hexadecimal digits
 * </pre>
 */
public final class BranchId implements PrivateMessage {
    /** Of a global id, and of a branch qualifier. */
    public static final int PART_BYTES_MAX = 64;

    static final int BYTES_MIN = Integer.BYTES + 1 + 1 + 1;

    private final int formatId;
    private final byte[] globalId;
    private final byte[] qualifier;

    /**
     * The arrays are copied.
     *
     * @throws IllegalArgumentException for what is no branch's name
     */
    public BranchId(int formatId, byte[] globalId, byte[] qualifier) {
        if (formatId == -1 || globalId.length == 0) {
            throw new IllegalArgumentException("a branch has a format id other than -1, and a global id");
        }
        if (globalId.length > PART_BYTES_MAX || qualifier.length > PART_BYTES_MAX) {
            throw new IllegalArgumentException("global id of " + globalId.length + " bytes, branch qualifier of "
                    + qualifier.length + "; each has " + PART_BYTES_MAX + " at most");
        }
        this.formatId = formatId;
        this.globalId = globalId.clone();
        this.qualifier = qualifier.clone();
    }

    /** @throws IllegalArgumentException if the text is not what {@link #toString} gives */
    public static BranchId parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("'" + text + "' is not FORMAT:GLOBAL:BRANCH");
        }
        try {
            return new BranchId(
                    Integer.parseInt(parts[0]),
                    HexFormat.of().parseHex(parts[1]),
                    HexFormat.of().parseHex(parts[2]));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' is not FORMAT:GLOBAL:BRANCH: " + e.getMessage(), e);
        }
    }

    public int formatId() {
        return formatId;
    }

    /** A copy. */
    public byte[] globalId() {
        return globalId.clone();
    }

    /** A copy. */
    public byte[] qualifier() {
        return qualifier.clone();
    }

    @Override
    public int sizeBytes() {
        return Integer.BYTES + 1 + globalId.length + 1 + qualifier.length;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(formatId);
        dst.put((byte) globalId.length).put(globalId);
        dst.put((byte) qualifier.length).put(qualifier);
    }

    static BranchId read(FieldReader in) {
        int formatId = in.int32();
        byte[] globalId = in.shortBytes();
        byte[] qualifier = in.shortBytes();
        try {
            return new BranchId(formatId, globalId, qualifier);
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException(e.getMessage());
        }
    }

    /**
     * Reads one where the buffer stands, which moves behind it.
     *
     * @throws MalformedMessageException if there is none
     */
    public static BranchId readFrom(ByteBuffer src) {
        return read(new FieldReader(src));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BranchId branch
                && branch.formatId == formatId
                && Arrays.equals(branch.globalId, globalId)
                && Arrays.equals(branch.qualifier, qualifier);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * formatId + Arrays.hashCode(globalId)) + Arrays.hashCode(qualifier);
    }

    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return formatId + ":" + hex.formatHex(globalId) + ":" + hex.formatHex(qualifier);
    }
}
