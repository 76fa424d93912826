package io.penstock.broker.delivery;

import io.penstock.broker.config.DestinationSettings;
import io.penstock.protocol.jms.LargeHead;
import io.penstock.protocol.record.InvalidBatchException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Brings what leaves a group to its dead-letter or expiry address, some records at a time, in their order, and tries again
 * what cannot be moved now. Until it is moved it is held by a holder that stands for the reason, also over a restart.
 * Owner thread only; ends with its group.
 */
final class MoveLoop {
    private static final int RECORDS_MAX = 500;
    private static final long RETRY_MILLIS_MAX = 30_000;
    private static final int REFUSED_MAX = 1_000;

    private final SharePartition group;
    private final PartitionDelivery delivery;
    private final GroupState state;
    private final Moves moves;
    /** What no target takes; looked at again after a restart. */
    private final OffsetRanges refused = new OffsetRanges();

    private int recordsMax = RECORDS_MAX;
    private boolean queued;
    private boolean underWay;
    private boolean waiting;
    private long retryMillis;

    MoveLoop(SharePartition group, PartitionDelivery delivery) {
        this.group = group;
        this.delivery = delivery;
        this.state = group.state();
        this.moves = delivery.context().moves().lane();
        this.retryMillis = delivery.config().retryMillis();
    }

    /** Moves what there is, soon: a push may be under way, which has the owner's buffers. */
    void wake() {
        if (!queued && !underWay && !waiting) {
            queued = true;
            delivery.partition().owner().execute(() -> delivery.run(this::goOn));
        }
    }

    private void goOn() {
        queued = false;
        if (underWay || !group.working() || delivery.stalled()) {
            if (delivery.stalled()) {
                retryLater();
            }
            return;
        }
        boolean inDoubt = MovingHolders.takeBack(group);
        for (MoveReason reason : MoveReason.values()) {
            GroupSession holder = state.session(SessionKey.leaving(reason));
            OffsetRanges some = holder == null ? new OffsetRanges() : state.acquired(holder, recordsMax, refused);
            if (!some.isEmpty()) {
                begin(reason, holder, some);
                return;
            }
        }
        recordsMax = RECORDS_MAX;
        if (inDoubt) {
            retryLater();
        }
    }

    private void begin(MoveReason reason, GroupSession holder, OffsetRanges some) {
        DestinationSettings settings =
                delivery.context().settings(delivery.partition().topicName());
        String target = reason == MoveReason.EXPIRED ? settings.expiryAddress() : settings.deadLetterAddress();
        boolean here = delivery.partition().topicName().equals(target);
        if (here && reason == MoveReason.MAX_DELIVERY_ATTEMPTS) {
            group.changes().release(holder, some);
            wake();
            group.pump();
            return;
        }
        UnderWay move;
        try {
            move = target == null || here
                    ? new UnderWay(reason, holder, some, target, settings, null, null)
                    : copies(reason, holder, some, target, settings);
        } catch (IOException | InvalidBatchException e) {
            failed(some, e instanceof IOException io ? io : new MoveRefusedException(e.toString()));
            return;
        }
        underWay = true;
        if (move.batch == null) {
            dropped(reason, move);
        } else {
            moves.move(
                    move, failure -> delivery.partition().owner().run(() -> delivery.run(() -> ended(move, failure))));
        }
    }

    private UnderWay copies(
            MoveReason reason, GroupSession holder, OffsetRanges some, String target, DestinationSettings settings)
            throws IOException {
        MovedRecords records = new MovedRecords(
                delivery.partition(),
                group.spec().groupId(),
                reason,
                delivery.context().clock().millis(),
                offset -> FlightTable.count(state.table.metaAt(state.table.find(offset))));
        records.copy(some);
        OffsetRanges read = some.below(records.reached());
        return new UnderWay(
                reason, holder, read, target, settings, records.count() == 0 ? null : records.batch(), records.head());
    }

    /** Nobody wants them, or nothing is there any more. */
    private void dropped(MoveReason reason, UnderWay move) {
        if (reason == MoveReason.MAX_DELIVERY_ATTEMPTS && move.target == null) {
            delivery.context()
                    .log()
                    .warn(
                            "{}: dead letters are dropped, for there is no dead-letter-address: offsets {}",
                            group.describe(),
                            move.offsets);
        }
        if (move.prepare()) {
            move.settle((outcome, failure) -> ended(move, failure));
        } else {
            ended(move, null);
        }
    }

    private void ended(UnderWay move, IOException failure) {
        underWay = false;
        if (failure == null) {
            retryMillis = delivery.config().retryMillis();
            wake();
            return;
        }
        if (group.working() && move.prepared != null && !move.settling) {
            group.rollbackSettle(move.prepared);
        }
        failed(move.offsets, failure);
    }

    private void failed(OffsetRanges some, IOException failure) {
        if (!group.working()) {
            return;
        }
        if (failure instanceof MoveRefusedException && recordsMax > 1) {
            recordsMax = 1; // One of them; the others can go.
            wake();
            return;
        }
        if (failure instanceof MoveRefusedException && refused.size() < REFUSED_MAX) {
            delivery.context()
                    .log()
                    .error(
                            "{}: cannot be moved, and stays: offset {}: {}",
                            group.describe(),
                            some,
                            failure.getMessage());
            refused.addAll(some);
            wake();
            return;
        }
        delivery.context()
                .log()
                .warn(
                        "{}: what leaves it stays for now, and is tried again in {} ms: {}",
                        group.describe(),
                        retryMillis,
                        failure.toString());
        retryLater();
    }

    private void retryLater() {
        if (waiting) {
            return;
        }
        waiting = true;
        delivery.partition()
                .owner()
                .schedule(
                        () -> {
                            waiting = false;
                            delivery.run(this::goOn);
                        },
                        retryMillis * 1_000_000L);
        retryMillis = Math.min(2 * retryMillis, RETRY_MILLIS_MAX);
    }

    /** One move on its way. */
    private final class UnderWay implements Moves.Move {
        private final MoveReason reason;
        private final GroupSession holder;
        private final OffsetRanges offsets;
        private final String target;
        private final boolean create;
        private final ByteBuffer batch;
        private final LargeHead head;
        private PreparedSettlement prepared;
        private boolean settling;

        UnderWay(
                MoveReason reason,
                GroupSession holder,
                OffsetRanges offsets,
                String target,
                DestinationSettings settings,
                ByteBuffer batch,
                LargeHead head) {
            this.reason = reason;
            this.holder = holder;
            this.offsets = offsets;
            this.target = target;
            this.create = settings.autoCreateDeadLetterResources();
            this.batch = batch;
            this.head = head;
        }

        @Override
        public SharePartition origin() {
            return group;
        }

        @Override
        public OffsetRanges offsets() {
            return offsets;
        }

        @Override
        public String target() {
            return target;
        }

        @Override
        public boolean create() {
            return create;
        }

        @Override
        public LargeHead head() {
            return head;
        }

        @Override
        public ByteBuffer batch() {
            return batch;
        }

        @Override
        public MoveReason reason() {
            return reason;
        }

        @Override
        public boolean holdAs(SessionKey key) {
            return MovingHolders.handOver(group, holder, key, offsets);
        }

        @Override
        public boolean prepare() {
            try {
                prepared = group.prepareSettle(holder.key, offsets);
                return true;
            } catch (AcquisitionLostException e) {
                return false;
            }
        }

        @Override
        public void settle(SettleCallback callback) {
            settling = true;
            group.commitSettle(prepared, SharePartition.NO_SEQUENCE, callback);
        }
    }
}
