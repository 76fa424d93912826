package io.penstock.broker.delivery;

import io.penstock.broker.partition.PartitionTransactions;
import io.penstock.storage.log.PartitionLog.TransactionFate;
import java.io.IOException;
import java.util.List;

/**
 * Records of undecided Kafka transactions in one group. They are parked: held, in the state and in the ledger, by a
 * holder that stands for their producer and is no session, while what lies behind them is delivered. When their decision
 * is committed they are available, and so come first, in offset order; or, of an aborted one, settled unseen. Which it is the
 * records' log says, so that a restart or another leader finds the same (invariant 15). Owner thread only.
 */
final class Parking {
    private final PartitionDelivery delivery;
    private final GroupState state;
    private final LoggedChanges changes;
    /** Up to which decision of the partition's transactions parked records were looked at. */
    private long decisionsSeen = -1;

    Parking(PartitionDelivery delivery, GroupState state, LoggedChanges changes) {
        this.delivery = delivery;
        this.state = state;
        this.changes = changes;
    }

    /** Acquires for a session, and parks, in the order of the offsets: what is acquired moves the next offset. */
    void acquire(GroupSession session, OffsetRanges acquired, List<Acquirer.Parked> parked) {
        OffsetRanges rest = acquired;
        for (Acquirer.Parked each : parked) {
            OffsetRanges before = rest.below(each.first());
            changes.acquire(session, before);
            rest = rest.without(before);
            changes.acquire(state.sessionOrNew(each.holder()), OffsetRanges.of(each.first(), each.last()));
        }
        changes.acquire(session, rest);
    }

    /** Decides about parked records whose transaction is decided. */
    void settleDecided() throws IOException {
        PartitionTransactions transactions = delivery.partition().transactions();
        long decisions = transactions.decisions();
        if (decisions == decisionsSeen || !delivery.partition().serving()) {
            return;
        }
        for (GroupSession parked : state.parked()) {
            settleDecided(parked, transactions);
        }
        decisionsSeen = decisions;
    }

    /** Run by run, up to the first undecided: after a failed read there may be two transactions of one producer. */
    private void settleDecided(GroupSession parked, PartitionTransactions transactions) throws IOException {
        OffsetRanges committed = new OffsetRanges();
        OffsetRanges aborted = new OffsetRanges();
        FlightTable table = state.table;
        long left = parked.heldRecords;
        for (int run = table.find(parked.heldFrom); left > 0 && run < table.size(); run++) {
            if (table.holder(run) != parked) {
                continue;
            }
            TransactionFate fate = transactions.fate(parked.key.producerId(), table.first(run));
            if (fate == TransactionFate.UNDECIDED) {
                break;
            }
            left -= table.last(run) - table.first(run) + 1;
            (fate == TransactionFate.COMMITTED ? committed : aborted).add(table.first(run), table.last(run));
        }
        changes.passUnseen(aborted);
        changes.release(parked, committed);
        if (parked.heldRecords == 0) {
            changes.end(parked);
        }
    }
}
