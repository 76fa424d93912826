package io.penstock.broker.request.jms;

import io.penstock.broker.replication.PeerException;
import io.penstock.broker.transaction.BranchTargets;
import io.penstock.broker.transaction.CommitRecord;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.name.TemporaryName;
import io.penstock.storage.time.Clock;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Carries out parts of decided commits where their leaders are. A destination that this broker does not know counts as
 * deleted only after a while: the image may be late. Any thread may call.
 */
final class RoutedTargets implements BranchTargets {
    private static final long DELETED_AFTER_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int MISSING_MAX = 10_000;

    private final CommitRoutes routes;
    private final BranchTargets here;
    private final CommitPeers peers;
    private final Clock clock;
    private final Map<UUID, Long> missingSince = new ConcurrentHashMap<>();

    RoutedTargets(CommitRoutes routes, BranchTargets here, CommitPeers peers, Clock clock) {
        this.routes = routes;
        this.here = here;
        this.peers = peers;
        this.clock = clock;
    }

    @Override
    public boolean isHere(UUID topicId, int partition) {
        return routes.leader(topicId, partition) == routes.self();
    }

    @Override
    public void send(CommitRecord commit, CommitRecord.Send send, Done done) {
        Done checked = checked(send.topicId(), done);
        int leader = leader(send.topicId(), send.partition(), checked);
        if (leader == routes.self()) {
            here.send(commit, send, checked);
        } else if (leader != CommitRoutes.NOBODY) {
            peers.apply(
                    leader, new CommitRecord(commit.session(), commit.sequence(), List.of(send), List.of()), checked);
        }
    }

    @Override
    public void settle(CommitRecord commit, CommitRecord.Settle settle, Done done) {
        Done checked = checked(settle.topicId(), done);
        int leader = leader(settle.topicId(), settle.partition(), checked);
        if (leader == routes.self()) {
            here.settle(commit, settle, checked);
        } else if (leader != CommitRoutes.NOBODY) {
            peers.apply(
                    leader, new CommitRecord(commit.session(), commit.sequence(), List.of(), List.of(settle)), checked);
        }
    }

    @Override
    public void release(CommitRecord branch, CommitRecord.Settle settle, Done done) {
        Done checked = checked(settle.topicId(), done);
        int leader = leader(settle.topicId(), settle.partition(), checked);
        if (leader == routes.self()) {
            here.release(branch, settle, checked);
        } else if (leader != CommitRoutes.NOBODY) {
            peers.release(
                    leader, new CommitRecord(branch.session(), branch.sequence(), List.of(), List.of(settle)), checked);
        }
    }

    /** {@link CommitRoutes#NOBODY} when {@code done} has been told why. */
    private int leader(UUID topicId, int partition, Done done) {
        int leader = routes.leader(topicId, partition);
        if (leader == CommitRoutes.NOBODY) {
            boolean known = routes.isKnown(topicId, partition);
            done.done(
                    -1,
                    new PeerException(
                            PeerException.Reason.REFUSED,
                            known ? PenstockError.NOT_LEADER : PenstockError.UNKNOWN_DESTINATION,
                            "nobody leads partition " + partition + " of " + routes.topicName(topicId)));
        }
        return leader;
    }

    private Done checked(UUID topicId, Done done) {
        return (baseOffset, failure) -> {
            if (failure == null || FrontErrors.error(failure) != PenstockError.UNKNOWN_DESTINATION) {
                missingSince.remove(topicId);
                done.done(baseOffset, failure);
            } else if (isDeleted(topicId)) {
                done.done(-1, null);
            } else {
                done.done(-1, new IOException(failure.getMessage(), failure));
            }
        };
    }

    private boolean isDeleted(UUID topicId) {
        if (TemporaryName.isTemporary(topicId) && routes.leader(topicId, 0) != CommitRoutes.NOBODY) {
            return true; // Its home broker says so, which alone knows.
        }
        if (missingSince.size() >= MISSING_MAX) {
            missingSince.clear();
        }
        long since = missingSince.computeIfAbsent(topicId, missing -> clock.nanos());
        return clock.nanos() - since >= DELETED_AFTER_NANOS;
    }
}
