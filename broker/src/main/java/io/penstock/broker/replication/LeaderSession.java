package io.penstock.broker.replication;

import io.penstock.broker.partition.PartitionKey;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.ReplicaFetchRequest;
import io.penstock.protocol.message.ReplicaPartition;
import io.penstock.protocol.message.ReplicaPosition;
import io.penstock.storage.time.Owner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A leader's side of all that one follower broker fetches: which partitions there are, which of them have something
 * new, and the request that waits for it. Partitions without news cost nothing. Belongs to the loop of the follower's
 * connection; partitions answer on their own owners.
 *
 * <pre>
 * request --> positions to the partitions' owners --> news? --> rows from the partitions' owners --> answer
 *                                                      '-no--> parked until news, the time, or the next request
 * </pre>
 */
final class LeaderSession {
    /** Rows of one answer; more wait for the next. */
    private static final int ROWS_MAX = 2_000;

    private final long id;
    private final int brokerId;
    private final long brokerEpoch;
    private final Object connection;
    private final Owner owner;
    private final ReplicaContext context;
    private final Function<PartitionKey, Replica> replicas;
    private final Map<PartitionKey, Replica> tracked = new HashMap<>();
    /** What the follower told last of each. */
    private final Map<PartitionKey, ReplicaPosition> told = new HashMap<>();
    /** Partitions with something to fetch, in the order in which they will be served; and those with moved marks. */
    private final LinkedHashMap<PartitionKey, Replica> news = new LinkedHashMap<>();

    private final LinkedHashMap<PartitionKey, Replica> marks = new LinkedHashMap<>();
    /** What cannot be fetched here, to be told. */
    private final List<FetchedRow> failures = new ArrayList<>();

    private volatile long lastRequestNanos;
    private int nextSequence;
    private Parked parked;
    private boolean answerQueued;
    private boolean closed;

    /** The request that waits. */
    private static final class Parked {
        private final FetchReply reply;
        private final int maxBytes;
        private final Owner.Cancellable timer;

        Parked(FetchReply reply, int maxBytes, Owner.Cancellable timer) {
            this.reply = reply;
            this.maxBytes = maxBytes;
            this.timer = timer;
        }
    }

    LeaderSession(
            long id,
            ReplicaFetchRequest first,
            Object connection,
            Owner owner,
            ReplicaContext context,
            Function<PartitionKey, Replica> replicas) {
        this.id = id;
        this.brokerId = first.brokerId();
        this.brokerEpoch = first.brokerEpoch();
        this.connection = connection;
        this.owner = owner;
        this.context = context;
        this.replicas = replicas;
    }

    long id() {
        return id;
    }

    int brokerId() {
        return brokerId;
    }

    long brokerEpoch() {
        return brokerEpoch;
    }

    Object connection() {
        return connection;
    }

    Owner owner() {
        return owner;
    }

    /** When the follower was heard of last; any thread. */
    long lastRequestNanos() {
        return lastRequestNanos;
    }

    /** On the session's owner. */
    void fetch(ReplicaFetchRequest request, FetchReply reply) {
        if (closed || request.sequence() != nextSequence || request.brokerEpoch() != brokerEpoch) {
            reply.fail(
                    PenstockError.UNKNOWN_SESSION, "session " + id + " of broker " + brokerId + " goes on otherwise");
            return;
        }
        nextSequence++;
        lastRequestNanos = context.clock().nanos();
        if (parked != null) {
            // The follower has more to say before it waits again.
            answer(parked, List.of());
        }
        for (ReplicaPartition each : request.removed()) {
            untrack(new PartitionKey(each.topicId(), each.partition()));
        }
        // The follower can say more only when it knows its session: the first answer does not wait.
        long waitNanos = request.sequence() == 0 ? 0 : TimeUnit.MILLISECONDS.toNanos(Math.max(0, request.waitMillis()));
        Parked now =
                new Parked(reply, request.maxBytes(), owner.schedule(() -> timeIsUp(reply), Math.max(1, waitNanos)));
        parked = now;
        for (ReplicaPosition each : request.changed()) {
            apply(each);
        }
        answerSoon();
    }

    private void apply(ReplicaPosition position) {
        PartitionKey key = new PartitionKey(position.topicId(), position.partition());
        Replica replica = replicas.apply(key);
        if (replica == null) {
            applied(key, null, position, PenstockError.UNKNOWN_DESTINATION);
            return;
        }
        tracked.put(key, replica);
        told.put(key, position);
        replica.fetched(this, position, error -> owner.run(() -> applied(key, replica, position, error)));
    }

    private void applied(PartitionKey key, Replica replica, ReplicaPosition position, PenstockError error) {
        if (error != PenstockError.NONE) {
            // An earlier position may be answered when a later one has come already.
            if (told.get(key) == position) {
                untrack(key);
            }
            failures.add(FetchedRow.failed(key.topicId(), key.index(), position.leaderEpoch(), error));
        }
        answerSoon();
    }

    private void untrack(PartitionKey key) {
        Replica was = tracked.remove(key);
        told.remove(key);
        news.remove(key);
        marks.remove(key);
        if (was != null) {
            was.detach(this);
        }
    }

    /**
     * Any thread: a partition has something for this follower.
     *
     * @param toFetch that the follower waits for; otherwise only marks, which wait for an occasion
     */
    void news(Replica of, boolean toFetch) {
        owner.run(() -> {
            if (tracked.get(of.key()) != of) {
                return;
            }
            (toFetch ? news : marks).put(of.key(), of);
            if (toFetch) {
                answerSoon();
            }
        });
    }

    /** Answers at the end of this turn, so that what comes together goes together. */
    private void answerSoon() {
        if (parked != null && !answerQueued && (!news.isEmpty() || !failures.isEmpty())) {
            answerQueued = true;
            owner.execute(() -> {
                answerQueued = false;
                if (parked != null) {
                    gather(parked, false);
                }
            });
        }
    }

    private void timeIsUp(FetchReply of) {
        if (parked != null && parked.reply == of) {
            gather(parked, true);
        }
    }

    /** Asks the owners of the partitions that have something for their rows. */
    private void gather(Parked waiting, boolean timeIsUp) {
        List<Replica> ask = take(news, ROWS_MAX);
        ask.addAll(take(marks, ROWS_MAX - ask.size()));
        if (ask.isEmpty() && failures.isEmpty() && !timeIsUp) {
            return;
        }
        parked = null;
        List<FetchedRow> rows = new ArrayList<>(failures);
        failures.clear();
        if (ask.isEmpty()) {
            answer(waiting, rows);
            return;
        }
        AtomicInteger bytesLeft = new AtomicInteger(waiting.maxBytes);
        AtomicBoolean nothingYet = new AtomicBoolean(true);
        int[] missing = {ask.size()};
        for (Replica each : ask) {
            each.owner().run(() -> {
                FetchedRow row =
                        each.read(this, Math.min(bytesLeft.get(), context.partitionMaxBytes()), nothingYet.get());
                boolean waits = each.hasNews(this);
                if (row != null) {
                    int bytes = row.records().bytes() + row.ledger().bytes();
                    bytesLeft.addAndGet(-bytes);
                    nothingYet.compareAndSet(true, bytes == 0);
                }
                owner.run(() -> gathered(each, row, waits, rows, missing, waiting));
            });
        }
    }

    private void gathered(
            Replica each, FetchedRow row, boolean waits, List<FetchedRow> rows, int[] missing, Parked waiting) {
        if (row != null) {
            rows.add(row);
            if (row.isFailed()) {
                untrack(each.key());
            }
        }
        if (waits && tracked.get(each.key()) == each) {
            news.put(each.key(), each);
        }
        if (--missing[0] == 0) {
            answer(waiting, rows);
        }
    }

    private static List<Replica> take(LinkedHashMap<PartitionKey, Replica> from, int max) {
        List<Replica> taken = new ArrayList<>(Math.min(max, from.size()));
        var each = from.values().iterator();
        while (each.hasNext() && taken.size() < max) {
            taken.add(each.next());
            each.remove();
        }
        return taken;
    }

    private void answer(Parked waiting, List<FetchedRow> rows) {
        if (parked == waiting) {
            parked = null;
        }
        waiting.timer.cancel();
        FetchAnswer answer = new FetchAnswer(id, rows);
        if (closed) {
            answer.release();
        } else {
            waiting.reply.answer(answer);
        }
    }

    /** On the session's owner: the follower begins another one, or its connection is gone. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (parked != null) {
            parked.timer.cancel();
            parked = null;
        }
        failures.clear();
        tracked.values().forEach(each -> each.detach(this));
        tracked.clear();
        told.clear();
        news.clear();
        marks.clear();
    }
}
