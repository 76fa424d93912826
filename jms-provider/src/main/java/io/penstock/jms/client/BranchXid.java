package io.penstock.jms.client;

import java.util.Arrays;
import java.util.HexFormat;
import javax.transaction.xa.Xid;

/** A branch's name as a value: what transaction managers hand in need not be comparable. */
public final class BranchXid implements Xid {
    private final int formatId;
    private final byte[] globalId;
    private final byte[] qualifier;

    /**
     * The arrays are copied.
     *
     * @throws IllegalArgumentException for what is no branch's name: the null Xid, no global id, parts that are too long
     */
    public BranchXid(int formatId, byte[] globalId, byte[] qualifier) {
        if (formatId == -1 || globalId == null || globalId.length == 0 || globalId.length > MAXGTRIDSIZE) {
            throw new IllegalArgumentException(
                    "an Xid has a format id other than -1 and a global transaction id of 1 to 64 bytes");
        }
        if (qualifier == null || qualifier.length > MAXBQUALSIZE) {
            throw new IllegalArgumentException("the branch qualifier of an Xid has up to 64 bytes");
        }
        this.formatId = formatId;
        this.globalId = globalId.clone();
        this.qualifier = qualifier.clone();
    }

    /** @throws IllegalArgumentException for null, and for what is no branch's name */
    public static BranchXid of(Xid xid) {
        if (xid instanceof BranchXid own) {
            return own;
        }
        if (xid == null) {
            throw new IllegalArgumentException("there is no Xid");
        }
        return new BranchXid(xid.getFormatId(), xid.getGlobalTransactionId(), xid.getBranchQualifier());
    }

    @Override
    public int getFormatId() {
        return formatId;
    }

    @Override
    public byte[] getGlobalTransactionId() {
        return globalId.clone();
    }

    @Override
    public byte[] getBranchQualifier() {
        return qualifier.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BranchXid branch
                && branch.formatId == formatId
                && Arrays.equals(branch.globalId, globalId)
                && Arrays.equals(branch.qualifier, qualifier);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * formatId + Arrays.hashCode(globalId)) + Arrays.hashCode(qualifier);
    }

    /** As {@code penstock transaction list} shows it. */
    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return formatId + ":" + hex.formatHex(globalId) + ":" + hex.formatHex(qualifier);
    }
}
