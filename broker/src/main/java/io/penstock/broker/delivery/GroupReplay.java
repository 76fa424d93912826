package io.penstock.broker.delivery;

import io.penstock.storage.log.PartitionLog.TimestampedOffset;
import java.io.IOException;
import java.util.function.BiConsumer;

/**
 * A rewound group: what it has settled, and retention has kept, is delivered once more, flagged. What it has not settled is
 * left alone, whoever has it. Owner thread only.
 */
public final class GroupReplay {

    private final SharePartition group;
    private final PartitionDelivery delivery;

    GroupReplay(SharePartition group) {
        this.group = group;
        this.delivery = group.delivery();
    }

    /**
     * What is available again.
     *
     * @param fromOffset where it begins: not below the start of the log
     * @param records offsets that had been settled; such as have no record, or that nobody gets, among them
     */
    public record Replayed(long fromOffset, long records) {}

    /** The first record that was written then or later; where nobody has looked yet when there is none. */
    public long offsetAt(long timestampMillis) throws IOException {
        return delivery.partition()
                .log()
                .offsetForTimestamp(timestampMillis)
                .map(TimestampedOffset::offset)
                .orElseGet(() -> group.state().nextOffset());
    }

    /**
     * Begins again at {@code offset}.
     *
     * @param done called once: what is available again when that is durable, else why it is unknown
     */
    public void from(long offset, BiConsumer<Replayed, IOException> done) {
        if (!group.working()) {
            done.accept(null, group.notWorking());
            return;
        }
        GroupState state = group.state();
        long from = Math.max(offset, delivery.partition().log().startOffset());
        OffsetRanges settling = state.settling();
        EntryBuffer out = group.logged() ? delivery.writer().entry() : null;
        int written = out == null ? 0 : out.position();
        if (out != null) {
            LedgerEntry.replayed(out, state.number, from, settling);
        }
        Replayed replayed = new Replayed(from, state.replay(from, settling));
        delivery.rewound(from);
        if (out == null) {
            done.accept(replayed, null);
        } else {
            delivery.writer()
                    .await(
                            written,
                            true,
                            PartitionDelivery.waiter(
                                    failure -> done.accept(failure == null ? replayed : null, failure)));
        }
    }
}
