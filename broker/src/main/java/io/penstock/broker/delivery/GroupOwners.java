package io.penstock.broker.delivery;

import io.penstock.protocol.record.HeaderCursor;
import io.penstock.protocol.record.Record;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Which consumer of a group on a partition gets the messages of which message group (JMSXGroupID, the record's key): all of
 * one message group go to one consumer at a time, in order, redelivered ones too (rule 28, invariant 24). Message groups
 * are told apart by a hash into so many shares, so memory does not grow with their number; those of one share have one
 * owner.
 *
 * <pre>
 *           claimed: the taker with the fewest shares          its consumer goes
 *  free ------------------------------------------> owned --------------------------> waiting, for what its session holds
 *    ^                                                |  ^                                |   |
 *    |                                                |  +----- another consumer of that session takes it over
 *    |   all of it settled or given back              |  JMSXGroupSeq -1                  |
 *    +------------------------------------------------+-----------------------------------+
 * </pre>
 *
 * In memory alone: after a restart a share waits for the session that holds something of it. Owner thread only.
 */
final class GroupOwners {

    static final int SHARES = 1024;
    private static final byte[] GROUP_SEQUENCE = "JMSXGroupSeq".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LAST_OF_GROUP = "-1".getBytes(StandardCharsets.US_ASCII);

    private final GroupState state;
    private final ConsumerRing ring;
    private final ConsumerRing.Attached[] owners = new ConsumerRing.Attached[SHARES];
    private final Former[] formers = new Former[SHARES];
    /** The least offset that was refused to somebody since the share was free. */
    private final long[] refused = new long[SHARES];

    private final List<Former> waiting = new ArrayList<>();
    private final HeaderCursor headers = new HeaderCursor();

    /** For whom records are looked at. */
    private ConsumerRing.Attached taker;

    /** A session that holds records of shares which nobody owns. */
    private static final class Former {
        final SessionKey session;
        final OffsetRanges held;
        final BitSet shares = new BitSet();

        Former(SessionKey session, OffsetRanges held) {
            this.session = session;
            this.held = held;
        }
    }

    GroupOwners(GroupState state, ConsumerRing ring) {
        this.state = state;
        this.ring = ring;
        Arrays.fill(refused, Long.MAX_VALUE);
    }

    /**
     * Finds the shares of what sessions hold, of before a restart, or whose consumers have gone.
     *
     * @param keyedFrom no record below has a key
     */
    void recover(Acquirer acquirer, PartitionDelivery delivery, long keyedFrom) throws IOException {
        for (GroupSession session : state.sessions()) {
            OffsetRanges held = state.held(session);
            if (held.isEmpty() || !session.key.isSession()) {
                continue;
            }
            Former former = new Former(session.key, held);
            for (int i = 0; i < held.size(); i++) {
                long end = held.last(i) + 1;
                for (long from = Math.max(held.first(i), keyedFrom); from < end; ) {
                    long reached = acquirer.survey(delivery.partition(), from, end, Long.MAX_VALUE, (offset, order) -> {
                        if (order.keyed) {
                            wait(order.share, former);
                        }
                    });
                    if (reached == from) {
                        break;
                    }
                    from = reached;
                }
            }
            waiting.add(former);
        }
    }

    /** Records are looked at for this consumer until {@link #claims} is told otherwise. */
    GroupOwners claimFor(ConsumerRing.Attached attached) {
        taker = attached;
        return this;
    }

    /** Whether the consumer gets this record; makes it, or another one, the owner of a free share. */
    boolean claims(Record record) {
        if (!record.hasKey()) {
            return true;
        }
        int share = share(record.key());
        Former former = formers[share];
        if (former != null) {
            if (!former.session.equals(taker.consumer.session())) {
                return refuse(share, record);
            }
            formers[share] = null;
            own(share, taker);
        } else if (owners[share] == null) {
            own(share, ring.leastLoaded(taker));
            if (owners[share] != taker) {
                owners[share].cursor.opened(record.offset());
            }
        }
        if (owners[share] != taker) {
            return refuse(share, record);
        }
        if (isLast(record)) {
            disown(share);
            Former closing = new Former(taker.consumer.session(), OffsetRanges.of(record.offset(), record.offset()));
            wait(share, closing);
            waiting.add(closing);
        }
        return true;
    }

    private boolean refuse(int share, Record record) {
        refused[share] = Math.min(refused[share], record.offset());
        return false;
    }

    private void wait(int share, Former former) {
        formers[share] = former;
        former.shares.set(share);
    }

    private boolean isLast(Record record) {
        headers.open(record);
        while (headers.next()) {
            if (headers.nameEquals(GROUP_SEQUENCE)) {
                ByteBuffer value = headers.value();
                return value != null && value.equals(ByteBuffer.wrap(LAST_OF_GROUP));
            }
        }
        return false;
    }

    private void own(int share, ConsumerRing.Attached owner) {
        owners[share] = owner;
        owner.shares++;
    }

    private void disown(int share) {
        owners[share].shares--;
        owners[share] = null;
    }

    /** A consumer has gone: what it owned waits until its session holds nothing any more. */
    void left(ConsumerRing.Attached gone) {
        if (gone.shares == 0) {
            return;
        }
        GroupSession session = state.session(gone.consumer.session());
        Former former = new Former(gone.consumer.session(), session == null ? new OffsetRanges() : state.held(session));
        for (int share = 0; share < SHARES; share++) {
            if (owners[share] == gone) {
                owners[share] = null;
                wait(share, former);
            }
        }
        gone.shares = 0;
        waiting.add(former);
    }

    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    /** Frees what nobody holds any more; what lies at or above the offset that this returns is to be looked at again. */
    long release() {
        long from = Long.MAX_VALUE;
        for (int i = waiting.size() - 1; i >= 0; i--) {
            Former former = waiting.get(i);
            GroupSession session = state.session(former.session);
            if (session == null || !state.holdsAny(session, former.held)) {
                waiting.remove(i);
                from = Math.min(from, free(former));
            }
        }
        return from;
    }

    private long free(Former former) {
        long from = Long.MAX_VALUE;
        for (int share = former.shares.nextSetBit(0); share >= 0; share = former.shares.nextSetBit(share + 1)) {
            if (formers[share] == former) {
                formers[share] = null;
                from = Math.min(from, refused[share]);
                refused[share] = Long.MAX_VALUE;
            }
        }
        return from;
    }

    /** FNV-1a, spread over all bits. */
    static int share(ByteBuffer key) {
        int hash = 0x811c9dc5;
        for (int at = key.position(); at < key.limit(); at++) {
            hash = (hash ^ key.get(at)) * 0x01000193;
        }
        hash ^= hash >>> 15;
        hash *= 0x2c1b3c6d;
        hash ^= hash >>> 12;
        return hash & SHARES - 1;
    }
}
