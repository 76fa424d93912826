package io.penstock.broker.delivery;

import io.penstock.storage.log.LogSlice;
import io.penstock.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads a ledger from its start and gives the state that it tells. */
final class LedgerReplay {

    private static final int READ_BYTES = 256 << 10;

    private LedgerReplay() {}

    static LedgerState replay(PartitionLog ledger) throws IOException {
        LedgerState state = new LedgerState(ledger.startOffset() == 0);
        long offset = ledger.startOffset();
        while (offset < ledger.endOffset()) {
            ByteBuffer batches;
            try (LogSlice slice = ledger.read(offset, READ_BYTES, ledger.endOffset(), true)) {
                if (slice.sizeBytes() == 0) {
                    break;
                }
                batches = ByteBuffer.allocate(slice.sizeBytes());
                slice.readInto(batches);
                batches.flip();
            }
            offset = LedgerBatch.forEachValue(batches, offset, state);
        }
        return state;
    }
}
