package io.penstock.broker.delivery;

import io.penstock.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes snapshots of a partition's groups, and cuts the ledger off behind one as soon as its last chunk is durable.
 * Owner thread only.
 */
final class LedgerSnapshots {

    /** A large state is written again only after the ledger has grown by so many times its size. */
    private static final int GROWTH = 8;

    private final PartitionLog ledger;
    private final LedgerWriter writer;
    private final DeliveryContext context;
    private final PartitionDelivery delivery;
    private long lastBytes;

    LedgerSnapshots(PartitionLog ledger, LedgerWriter writer, DeliveryContext context, PartitionDelivery delivery) {
        this.ledger = ledger;
        this.writer = writer;
        this.context = context;
        this.delivery = delivery;
    }

    /** Directly after an append, when nothing is pending: then the state is what the ledger says. */
    void takeIfDue() {
        if (writer.bytesWritten() < Math.max(context.config().snapshotAfterBytes(), GROWTH * lastBytes)) {
            return;
        }
        List<GroupState> states = new ArrayList<>();
        for (SharePartition group : delivery.groupsNow()) {
            if (group.spec().kind().logged()) {
                states.add(group.state());
            }
        }
        EntryBuffer whole = new EntryBuffer(1024);
        LedgerState.writeSnapshot(whole, delivery.nextGroupNumber(), delivery.discardBelow(), states, states.size());
        ByteBuffer bytes = whole.written();
        long begin = ledger.endOffset();
        try {
            write(bytes);
        } catch (IOException e) {
            context.log().warn("no snapshot of {}: {}", delivery, e.toString());
            writer.bytesWritten(writer.bytesWritten() / 2);
            return;
        }
        lastBytes = whole.position();
        writer.bytesWritten(0);
        ledger.onDurable(failure -> delivery.run(() -> {
            if (failure != null) {
                delivery.broken(failure);
            } else {
                cutBelow(begin);
            }
        }));
    }

    private void write(ByteBuffer bytes) throws IOException {
        int chunkBytes = context.config().snapshotChunkBytes();
        for (int index = 0; index == 0 || bytes.hasRemaining(); index++) {
            ByteBuffer chunk = bytes.slice(bytes.position(), Math.min(chunkBytes, bytes.remaining()));
            bytes.position(bytes.position() + chunk.remaining());
            EntryBuffer value = new EntryBuffer(chunk.remaining() + 16);
            value.putByte(LedgerEntry.VERSION).putByte(LedgerEntry.SNAPSHOT).putNumber(index);
            value.putByte(bytes.hasRemaining() ? 0 : 1).putBytes(chunk);
            writer.append(value.written());
        }
    }

    private void cutBelow(long offset) {
        try {
            ledger.advanceStartOffset(offset);
        } catch (IOException e) {
            // The snapshot is good; only the space behind it is not free yet. The next one tries again.
            context.log().warn("ledger of {} keeps what lies below {}: {}", delivery, offset, e.toString());
        }
    }
}
