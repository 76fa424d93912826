package io.penstock.broker.replication;

import io.penstock.protocol.message.ReplicaFetchResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** The answer to a follower's fetch, to be written once and released in any case. */
public final class FetchAnswer {
    private final long sessionId;
    private final List<FetchedRow> rows;

    FetchAnswer(long sessionId, List<FetchedRow> rows) {
        this.sessionId = sessionId;
        this.rows = rows;
    }

    public int sizeBytes() {
        int bytes = ReplicaFetchResponse.HEADER_BYTES;
        for (FetchedRow row : rows) {
            bytes += row.sizeBytes();
        }
        return bytes;
    }

    /** Writes a {@link ReplicaFetchResponse} of exactly {@link #sizeBytes}. */
    public void writeTo(ByteBuffer dst) throws IOException {
        ReplicaFetchResponse.writeHeader(dst, sessionId, rows.size());
        for (FetchedRow row : rows) {
            row.writeTo(dst);
        }
    }

    public void release() {
        rows.forEach(FetchedRow::release);
    }
}
