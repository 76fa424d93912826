package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * What a leader says of one partition.
 *
 * @param leaderEpoch that the position was of, which this answers
 * @param error other than NONE: the partition is out of the session; the logs say nothing
 */
public record ReplicaRow(
        UUID topicId, int partition, int leaderEpoch, PenstockError error, ReplicaLogRow records, ReplicaLogRow ledger)
        implements PrivateMessage {
    public static final int HEADER_BYTES = FieldWriter.UUID_BYTES + 2 * Integer.BYTES + Short.BYTES;
    static final int BYTES_MIN = HEADER_BYTES + 2 * ReplicaLogRow.HEADER_BYTES;

    @Override
    public int sizeBytes() {
        return HEADER_BYTES + records.sizeBytes() + ledger.sizeBytes();
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        writeHeader(dst);
        records.writeTo(dst);
        ledger.writeTo(dst);
    }

    /** Writes all but the logs, which must follow. */
    public void writeHeader(ByteBuffer dst) {
        FieldWriter.uuid(dst, topicId);
        dst.putInt(partition).putInt(leaderEpoch).putShort(error.code());
    }

    static ReplicaRow read(FieldReader in) {
        return new ReplicaRow(
                in.uuid(),
                in.int32(),
                in.int32(),
                PenstockError.of(in.int16()),
                ReplicaLogRow.read(in),
                ReplicaLogRow.read(in));
    }
}
