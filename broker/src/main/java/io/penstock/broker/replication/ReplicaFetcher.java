package io.penstock.broker.replication;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.partition.PartitionKey;
import io.penstock.broker.replication.PeerChannel.PeerCallback;
import io.penstock.broker.replication.PeerChannel.PeerReply;
import io.penstock.protocol.message.MalformedMessageException;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.ReplicaFetchRequest;
import io.penstock.protocol.message.ReplicaFetchResponse;
import io.penstock.protocol.message.ReplicaPartition;
import io.penstock.protocol.message.ReplicaPosition;
import io.penstock.protocol.message.ReplicaRow;
import io.penstock.storage.time.Owner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches, in one session, all partitions that this broker follows at one other. A request names what has changed
 * since the one before, and the leader keeps it until it has something; when more is to be said meanwhile, a second one
 * is sent, which ends the waiting of the first. On its own owner; partitions take what they get on theirs.
 */
final class ReplicaFetcher {
    private static final Logger log = LoggerFactory.getLogger(ReplicaFetcher.class);
    private static final int IN_FLIGHT_MAX = 2;
    private static final long PAUSE_MIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PAUSE_MAX_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final int leaderId;
    private final Owner owner;
    private final ReplicaContext context;
    /** All that are followed, with what they told last. */
    private final Map<PartitionKey, Followed> followed = new HashMap<>();
    /** Those of which the leader does not know the newest position. */
    private final LinkedHashMap<PartitionKey, ReplicaPosition> changed = new LinkedHashMap<>();

    private final Set<PartitionKey> removed = new LinkedHashSet<>();
    private long sessionId;
    private int sequence;
    /** Grows with each session: what belongs to an earlier one is not looked at any more. */
    private int generation;

    private int inFlight;
    private int taking;
    private long pauseNanos;
    private boolean paused;
    private boolean sendQueued;
    private boolean closed;

    private record Followed(Replica replica, ReplicaPosition position) {}

    ReplicaFetcher(int leaderId, Owner owner, ReplicaContext context) {
        this.leaderId = leaderId;
        this.owner = owner;
        this.context = context;
    }

    int leaderId() {
        return leaderId;
    }

    /** Any thread: fetches a partition from this position on. */
    void fetch(Replica replica, ReplicaPosition position) {
        owner.run(() -> {
            followed.put(replica.key(), new Followed(replica, position));
            changed.put(replica.key(), position);
            removed.remove(replica.key());
            sendSoon();
        });
    }

    /** Any thread: fetches a partition no more. */
    void forget(Replica replica) {
        owner.run(() -> {
            if (followed.remove(replica.key()) != null) {
                changed.remove(replica.key());
                removed.add(replica.key());
                sendSoon();
            }
        });
    }

    private void sendSoon() {
        if (!sendQueued) {
            sendQueued = true;
            // At the end of the turn: what comes together goes together.
            owner.execute(() -> {
                sendQueued = false;
                send();
            });
        }
    }

    private void send() {
        boolean something = !changed.isEmpty() || !removed.isEmpty();
        boolean wanted = inFlight == 0 ? something || !followed.isEmpty() : something && inFlight < IN_FLIGHT_MAX;
        if (closed || paused || taking > 0 || !wanted) {
            return;
        }
        Optional<BrokerImage> self = context.metadata().image().broker(context.brokerId());
        if (self.isEmpty()) {
            pause(); // not registered now: nobody would know which life of this broker asks
            return;
        }
        if (sessionId == 0 && sequence > 0) {
            return; // a session is being made
        }
        ReplicaFetchRequest request = new ReplicaFetchRequest(
                context.brokerId(),
                self.get().epoch(),
                sessionId,
                sequence++,
                context.fetchWaitMillis(),
                context.fetchMaxBytes(),
                new ArrayList<>(changed.values()),
                removed.stream()
                        .map(key -> new ReplicaPartition(key.topicId(), key.index()))
                        .toList());
        changed.clear();
        removed.clear();
        inFlight++;
        int of = generation;
        context.peers().send(leaderId, PenstockApi.REPLICA_FETCH, request, owner, ANSWER_NANOS, new PeerCallback() {
            @Override
            public void replied(PeerReply reply) {
                if (of == generation) {
                    inFlight--;
                    take(reply);
                }
            }

            @Override
            public void failed(PeerException failure) {
                if (of == generation) {
                    beginAnew(failure);
                }
            }
        });
    }

    private void take(PeerReply reply) {
        ReplicaFetchResponse response;
        try {
            response = ReplicaFetchResponse.read(reply.body(), (short) 0);
        } catch (MalformedMessageException e) {
            beginAnew(new PeerException(PeerException.Reason.NO_ANSWER, "malformed: " + e.getMessage()));
            return;
        }
        sessionId = response.sessionId();
        pauseNanos = 0;
        List<ReplicaRow> rows = response.rows();
        if (rows.isEmpty()) {
            sendSoon();
            return;
        }
        reply.retain();
        taking++;
        int[] missing = {rows.size()};
        Runnable one = () -> owner.run(() -> {
            if (--missing[0] == 0) {
                taking--;
                reply.release();
                sendSoon();
            }
        });
        for (ReplicaRow row : rows) {
            Followed to = followed.get(new PartitionKey(row.topicId(), row.partition()));
            if (to == null) {
                one.run();
            } else {
                to.replica().owner().run(() -> to.replica().take(row, one));
            }
        }
    }

    /** The session is over: a new one names everything again. */
    private void beginAnew(PeerException failure) {
        log.debug("fetching from broker {} begins anew: {}", leaderId, failure.toString());
        generation++;
        sessionId = 0;
        sequence = 0;
        inFlight = 0;
        removed.clear();
        changed.clear();
        followed.forEach((key, each) -> changed.put(key, each.position()));
        if (failure.error() == PenstockError.UNKNOWN_SESSION && pauseNanos == 0) {
            pauseNanos = 1;
            sendSoon();
        } else {
            pause();
        }
    }

    private void pause() {
        paused = true;
        pauseNanos = Math.min(PAUSE_MAX_NANOS, Math.max(PAUSE_MIN_NANOS, 2 * pauseNanos));
        owner.schedule(
                () -> {
                    paused = false;
                    send();
                },
                pauseNanos);
    }

    /** Any thread: the broker stops. */
    void close() {
        owner.run(() -> {
            closed = true;
            followed.clear();
            changed.clear();
        });
    }
}
