package io.penstock.broker.request.jms;

import io.penstock.broker.transaction.CommitRecord;
import io.penstock.protocol.message.CommitSend;
import io.penstock.protocol.message.CommitSettle;
import io.penstock.protocol.message.CommitTerm;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrepareCommitRequest;
import io.penstock.protocol.message.PrepareCommitResponse;
import io.penstock.protocol.message.UndoCommitRequest;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Coordinates one commit whose parts, or whose home, other brokers lead or may come to lead.
 *
 * <pre>
 *   every leader prepares --all agree--> the home decides, carries out --> committed   (or keeps the branch --> prepared)
 *            |                              |  no answer: asked again, wherever the home is now
 *            | one refuses                  | refused
 *            +--> the home refuses for ever --> undone everywhere --> rolled back
 * </pre>
 *
 * <p>Nothing of it outlives this broker: when it dies, the leaders ask the home, and the client asks by another broker.
 * The connection's owner.
 */
final class ClusterCommit {
    /** Less than what leaders wait before they ask. */
    private static final long PREPARE_NANOS = TimeUnit.SECONDS.toNanos(4);

    /** Less than how long a home remembers what was carried out. */
    private static final long DECIDE_NANOS = TimeUnit.SECONDS.toNanos(25);

    private static final long ABORT_NANOS = TimeUnit.SECONDS.toNanos(8);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PAUSE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(500);

    /** What coordinators share. */
    record Parts(
            Clock clock,
            CommitRoutes routes,
            CommitPeers peers,
            CommitParticipant participant,
            CommitService service,
            CommitAsking asking) {}

    /** Told how it ended, on the owner. */
    interface Ended {
        /** @param failure null when it is committed */
        void ended(long[] baseOffsets, Throwable failure);
    }

    private final Parts parts;
    private final Owner owner;
    private final CommitRecord record;
    private final HomeDecision decision;
    private final boolean maybeAgain;
    private final Ended ended;
    private CommitTerm term;
    private long deadline;
    private int preparing;
    private boolean doneBefore;
    private Throwable refusal;

    ClusterCommit(Parts parts, Owner owner, CommitRecord record, Ended ended) {
        this(parts, owner, record, HomeDecision.commit(record), false, ended);
    }

    /**
     * @param decision about this record, or the branch that it is the work of
     * @param maybeAgain another broker may have begun it: unless the home can be asked, nobody knows how it has ended
     */
    ClusterCommit(
            Parts parts, Owner owner, CommitRecord record, HomeDecision decision, boolean maybeAgain, Ended ended) {
        this.parts = parts;
        this.owner = owner;
        this.record = record;
        this.decision = decision;
        this.maybeAgain = maybeAgain;
        this.ended = ended;
    }

    void start() {
        deadline = parts.clock().nanos() + PREPARE_NANOS;
        parts.service()
                .ensureHome()
                .whenComplete((there, failure) -> owner.run(() -> {
                    if (failure != null) {
                        unasked(failure);
                    } else {
                        findHome(PAUSE_NANOS);
                    }
                }));
    }

    private boolean late() {
        return parts.clock().nanos() - deadline >= 0;
    }

    private static long longer(long pauseNanos) {
        return Math.min(2 * pauseNanos, PAUSE_NANOS_MAX);
    }

    private void findHome(long pauseNanos) {
        CommitRoutes.Home home = parts.routes().home().orElse(null);
        if (home != null) {
            term = home.term();
            preparing = 1;
            prepare(record.sends(), record.settles(), PAUSE_NANOS);
            one();
        } else if (late()) {
            unasked(CommitAsking.nobodyLeads());
        } else {
            owner.schedule(() -> findHome(longer(pauseNanos)), pauseNanos);
        }
    }

    // ---- preparing

    /** The parts of one leader. */
    private record Share(List<CommitRecord.Send> sends, List<CommitRecord.Settle> settles) {
        Share() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    private void prepare(List<CommitRecord.Send> sends, List<CommitRecord.Settle> settles, long pauseNanos) {
        Map<Integer, Share> byLeader = new LinkedHashMap<>();
        for (CommitRecord.Send send : sends) {
            share(byLeader, parts.routes().leader(send.topicId(), send.partition()))
                    .sends()
                    .add(send);
        }
        for (CommitRecord.Settle settle : settles) {
            share(byLeader, parts.routes().leader(settle.topicId(), settle.partition()))
                    .settles()
                    .add(settle);
        }
        preparing += byLeader.size();
        byLeader.forEach((leader, share) -> prepare(leader, share, pauseNanos));
    }

    private static Share share(Map<Integer, Share> byLeader, int leader) {
        return byLeader.computeIfAbsent(leader, made -> new Share());
    }

    private void prepare(int leader, Share share, long pauseNanos) {
        List<CommitSend> sends =
                share.sends().stream().map(CommitMessages::header).toList();
        List<CommitSettle> settles = CommitMessages.settles(share.settles());
        PrepareCommitRequest request = new PrepareCommitRequest(CommitMessages.id(record), term, sends, settles);
        if (leader == CommitRoutes.NOBODY) {
            refused(share, pauseNanos, new FrontException(PenstockError.NOT_LEADER, "a partition has no leader now"));
        } else if (leader == parts.routes().self()) {
            parts.participant()
                    .prepare(
                            request,
                            (done, failure) -> owner.run(() -> {
                                if (failure == null) {
                                    agreed(new PrepareCommitResponse(done));
                                } else {
                                    refused(share, pauseNanos, failure);
                                }
                            }));
        } else {
            parts.peers().prepare(leader, request, owner, this::agreed, failure -> refused(share, pauseNanos, failure));
        }
    }

    private void agreed(PrepareCommitResponse response) {
        doneBefore |= response.done();
        one();
    }

    private void refused(Share share, long pauseNanos, Throwable why) {
        if (refusal == null && isPassing(FrontErrors.error(why)) && !late()) {
            // The leader moves: who comes to lead is asked.
            owner.schedule(
                    () -> {
                        prepare(share.sends(), share.settles(), longer(pauseNanos));
                        one();
                    },
                    pauseNanos);
            return;
        }
        refusal = refusal == null ? why : refusal;
        one();
    }

    private static boolean isPassing(PenstockError error) {
        return switch (error) {
            case NOT_LEADER, TIMED_OUT, SHUTTING_DOWN, UNKNOWN_DESTINATION, STORAGE_FAILED -> true;
            default -> false;
        };
    }

    private void one() {
        if (--preparing > 0) {
            return;
        }
        if (refusal != null && !doneBefore) {
            deadline = parts.clock().nanos() + ABORT_NANOS;
            abort(refusal, PAUSE_NANOS);
        } else {
            deadline = parts.clock().nanos() + DECIDE_NANOS;
            decide(PAUSE_NANOS);
        }
    }

    // ---- the end

    private void decide(long pauseNanos) {
        CommitRoutes.Home home = parts.routes().home().orElse(null);
        if (home == null) {
            undecided(CommitAsking.nobodyLeads(), pauseNanos);
            return;
        }
        decision.ask(
                parts,
                home,
                term,
                owner,
                baseOffsets -> ended.ended(baseOffsets, null),
                failure -> undecided(failure, pauseNanos));
    }

    private void undecided(Throwable failure, long pauseNanos) {
        switch (FrontErrors.error(failure)) {
            case TRANSACTION_ROLLED_BACK -> undo(term, failure);
            case NOT_LEADER, TIMED_OUT, SHUTTING_DOWN, STORAGE_FAILED, NOT_ENOUGH_REPLICAS, INTERNAL -> {
                // It may be decided: whoever is the home then is asked the same.
                if (late()) {
                    ended.ended(null, unknown(failure));
                } else {
                    owner.schedule(() -> decide(longer(pauseNanos)), pauseNanos);
                }
            }
            default -> {
                deadline = parts.clock().nanos() + ABORT_NANOS;
                abort(failure, PAUSE_NANOS);
            }
        }
    }

    /** Another attempt, by a broker that the client was connected to before, may be under way: only the home knows. */
    private void abort(Throwable why, long pauseNanos) {
        parts.asking()
                .ask(
                        CommitMessages.id(record),
                        owner,
                        answer -> {
                            switch (answer.outcome()) {
                                case NEVER -> undo(answer.term(), why);
                                case DECIDED -> {
                                    deadline = parts.clock().nanos() + DECIDE_NANOS;
                                    decide(PAUSE_NANOS);
                                }
                                case OPEN -> abortAgain(why, pauseNanos, true);
                            }
                        },
                        failure -> abortAgain(why, pauseNanos, false));
    }

    /** @param open another attempt may yet succeed, or has: the home keeps the branch */
    private void abortAgain(Throwable why, long pauseNanos, boolean open) {
        if (late()) {
            // The leaders of what is in doubt will hear it from the home.
            if (open) {
                ended.ended(null, unknown(why));
            } else {
                unasked(why);
            }
        } else {
            owner.schedule(() -> abort(why, longer(pauseNanos)), pauseNanos);
        }
    }

    /** The home could not be asked. Nothing has been decided by this attempt (invariant 23). */
    private void unasked(Throwable why) {
        ended.ended(null, maybeAgain ? unknown(why) : why);
    }

    private static FrontException unknown(Throwable failure) {
        return new FrontException(
                PenstockError.STORAGE_FAILED, "how it has ended is not known: " + FrontErrors.message(failure));
    }

    /** Answers when the leaders have given back what was in doubt, or cannot be told. */
    private void undo(CommitTerm never, Throwable why) {
        Map<Integer, Share> byLeader = new LinkedHashMap<>();
        for (CommitRecord.Settle settle : record.settles()) {
            share(byLeader, parts.routes().leader(settle.topicId(), settle.partition()))
                    .settles()
                    .add(settle);
        }
        int[] left = {1};
        Runnable told = () -> {
            if (--left[0] == 0) {
                ended.ended(null, why);
            }
        };
        byLeader.forEach((leader, share) -> {
            UndoCommitRequest request =
                    new UndoCommitRequest(CommitMessages.id(record), never, CommitMessages.settles(share.settles()));
            if (leader == parts.routes().self()) {
                parts.participant().undo(request);
            } else if (leader != CommitRoutes.NOBODY) {
                left[0]++;
                parts.peers().undo(leader, request, owner, told);
            }
        });
        told.run();
    }
}
