package io.penstock.broker.transaction;

import io.penstock.broker.delivery.SessionKey;
import io.penstock.broker.partition.InternalLog;
import io.penstock.protocol.message.BranchDescription;
import io.penstock.protocol.message.BranchId;
import io.penstock.protocol.message.EndBranchRequest.Action;
import io.penstock.protocol.message.EndBranchResponse.Outcome;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The prepared branches that a home of commits keeps until it is told how they end (docs/decisions/0010-prepared-branches.md):
 * in its log whole, in memory by name. What is decided is carried out as a commit is, part by part until it is done, or given
 * back. Owner of the home's log only.
 */
final class HeldBranches {
    private static final Logger LOG = LoggerFactory.getLogger(HeldBranches.class);
    private static final int HELD_MAX = 10_000;
    private static final long READ_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Entries of the log that one branch, prepared long ago, may keep from being trimmed. */
    private static final long BEHIND_MAX = 10_000;

    /** What a home does for its branches. */
    interface Home {
        /** Calls back when this still is the home. */
        void confirm(Consumer<IOException> done);

        /** An entry up to here is in the log. */
        void written(long offset);

        /** Something at the log's start may have become unnecessary. */
        void trim();
    }

    private final InternalLog log;
    private final Owner owner;
    private final SendOrder order;
    private final Home home;
    private final long forgetAfterNanos;
    private final Map<BranchId, HeldBranch> byId = new LinkedHashMap<>();
    private final Map<CommitKey, HeldBranch> byKey = new HashMap<>();
    private final TreeMap<Long, HeldBranch> byOffset = new TreeMap<>();
    /** Being written, or written and perhaps lost, with who waits. */
    private final Map<BranchId, Writing> writing = new HashMap<>();

    private BranchTargets targets;
    private boolean moving;
    private boolean retired;

    private record Writing(CommitKey key, List<Consumer<IOException>> waiting) {}

    HeldBranches(InternalLog log, SendOrder order, long forgetAfterNanos, Home home) {
        this.log = log;
        this.owner = log.owner();
        this.order = order;
        this.forgetAfterNanos = forgetAfterNanos;
        this.home = home;
    }

    // ---- recovery

    void replayed(long offset, BranchRecord record) {
        remember(new HeldBranch(record, offset));
    }

    void replayedDecision(BranchId id, boolean commits, boolean byHand) {
        HeldBranch branch = byId.get(id);
        if (branch != null) {
            branch.decided(commits, byHand);
        }
    }

    void replayedOver(long offset, HeldBranch over) {
        over.offset = offset;
        remember(over);
    }

    void replayedForgotten(BranchId id) {
        HeldBranch branch = byId.get(id);
        if (branch != null) {
            drop(branch);
        }
    }

    /**
     * Carries out what is decided and not forgotten.
     *
     * @param parts as with {@link CommitCarrying}
     */
    void recover(BranchTargets to, Function<Boolean, Runnable> parts) {
        targets = to;
        int decided = 0;
        for (HeldBranch branch : List.copyOf(byId.values())) {
            if (branch.isWaiting()) {
                decided++;
                carryOut(branch, parts);
            } else if (branch.state.isOver()) {
                remainLater(branch);
            }
        }
        if (!byId.isEmpty()) {
            LOG.info("{} branches of distributed transactions are prepared, {} of them decided", byId.size(), decided);
        }
    }

    void retire() {
        retired = true;
    }

    private void remember(HeldBranch branch) {
        HeldBranch before = byId.put(branch.id, branch);
        if (before != null) {
            byOffset.remove(before.offset);
            byKey.remove(key(before), before);
        }
        byKey.put(key(branch), branch);
        byOffset.put(branch.offset, branch);
    }

    private void drop(HeldBranch branch) {
        byId.remove(branch.id, branch);
        byKey.remove(key(branch), branch);
        byOffset.remove(branch.offset, branch);
    }

    private static CommitKey key(HeldBranch branch) {
        return new CommitKey(branch.session, branch.sequence);
    }

    // ---- preparing

    /** Whether what leaders keep in doubt under this name belongs to a branch. */
    boolean has(SessionKey session, long sequence) {
        CommitKey key = new CommitKey(session, sequence);
        return byKey.containsKey(key) || writing.values().stream().anyMatch(each -> each.key.equals(key));
    }

    /**
     * Keeps a branch that all leaders have agreed to. Idempotent.
     *
     * @param kept null when it is durable; {@link RolledBackException} when it certainly is not kept, and will not be
     */
    void prepare(BranchRecord record, Consumer<IOException> kept) {
        HeldBranch present = byId.get(record.branch());
        if (present != null) {
            boolean same = present.isOf(record.work());
            kept.accept(
                    same && !isRolledBack(present)
                            ? null
                            : new RolledBackException(
                                    "branch " + record.branch() + (same ? " was rolled back" : " is known already"),
                                    null));
            return;
        }
        CommitKey key = new CommitKey(record.work().session(), record.work().sequence());
        Writing early = writing.get(record.branch());
        if (early != null) {
            if (early.key.equals(key)) {
                early.waiting.add(kept);
            } else {
                kept.accept(new RolledBackException("branch " + record.branch() + " is known already", null));
            }
            return;
        }
        if (byId.size() + writing.size() >= HELD_MAX) {
            kept.accept(new RolledBackException(HELD_MAX + " branches are prepared and wait for their ends", null));
            return;
        }
        List<Consumer<IOException>> waiting = new ArrayList<>(1);
        waiting.add(kept);
        writing.put(record.branch(), new Writing(key, waiting));
        log.append(List.of(CommitCodec.prepared(record)), true, (offset, failure) -> {
            if (failure != null && offset >= 0) {
                // Stays among what is being written: the log's next recovery knows.
                UnknownOutcomeException unknown = new UnknownOutcomeException(failure);
                List.copyOf(waiting).forEach(each -> each.accept(unknown));
                return;
            }
            writing.remove(record.branch());
            if (failure == null) {
                home.written(offset);
                remember(new HeldBranch(record, offset));
            }
            waiting.forEach(each -> each.accept(failure));
        });
    }

    private static boolean isRolledBack(HeldBranch branch) {
        return branch.state == HeldBranch.State.ROLLING_BACK || branch.state == HeldBranch.State.ROLLED_BACK;
    }

    // ---- ending

    /** @param principal whose it must be; null for anybody's */
    void end(BranchId id, Action action, String principal, BranchEnded ended) {
        Writing early = writing.get(id);
        if (early != null) {
            early.waiting.add(failure -> {
                if (failure instanceof UnknownOutcomeException) {
                    ended.ended(null, failure);
                } else {
                    end(id, action, principal, ended);
                }
            });
            return;
        }
        HeldBranch branch = byId.get(id);
        if (branch == null || (principal != null && !principal.equals(branch.principal))) {
            // Another home may have taken over, and know better.
            home.confirm(failure -> ended.ended(failure == null ? Outcome.UNKNOWN : null, failure));
        } else if (branch.isWaiting()) {
            branch.whenSettled(failure -> {
                if (failure == null) {
                    end(id, action, principal, ended);
                } else {
                    ended.ended(null, failure);
                }
            });
        } else if (action.forgets()) {
            forget(branch, ended);
        } else if (branch.state == HeldBranch.State.PREPARED) {
            decide(branch, action, ended);
        } else if (branch.byHand && !action.byHand()) {
            ended.ended(branch.outcomeByHand(), null);
        } else {
            ended.ended(branch.state.isCommit() == action.commits() ? Outcome.DONE : Outcome.REFUSED, null);
        }
    }

    private void decide(HeldBranch branch, Action action, BranchEnded ended) {
        branch.state = HeldBranch.State.DECIDING;
        ByteBuffer entry = CommitCodec.decided(branch.id, action.commits(), action.byHand());
        log.append(List.of(entry), true, (offset, failure) -> {
            if (failure != null && offset >= 0) {
                UnknownOutcomeException unknown = new UnknownOutcomeException(failure);
                ended.ended(null, unknown); // The log's next recovery knows.
                branch.tell(unknown);
                return;
            }
            if (failure != null) {
                branch.moveTo(HeldBranch.State.PREPARED);
                ended.ended(null, failure);
                return;
            }
            home.written(offset);
            branch.decided(action.commits(), action.byHand());
            branch.whenSettled(unknown -> ended.ended(Outcome.DONE, null));
            carryOut(branch, isHere -> () -> {});
        });
    }

    private void carryOut(HeldBranch branch, Function<Boolean, Runnable> parts) {
        CommitRecord work;
        try {
            work = CommitCodec.readPrepared(log.read(branch.offset)).work();
        } catch (IOException e) {
            LOG.error("Branch {} is decided and cannot be read; it is tried again", branch.id, e);
            Runnable here = parts.apply(true);
            owner.schedule(() -> carryOut(branch, isHere -> () -> {}), READ_AGAIN_NANOS);
            here.run();
            return;
        }
        boolean commits = branch.state.isCommit();
        CommitRecord done =
                commits ? work : new CommitRecord(work.session(), work.sequence(), List.of(), work.settles());
        CommitTargets to = commits ? targets : BranchTargets.releasing(targets);
        new CommitCarrying(owner, order, branch.offset, done, to, parts, baseOffsets -> over(branch)).start();
    }

    private void over(HeldBranch branch) {
        branch.moveTo(branch.state.isCommit() ? HeldBranch.State.COMMITTED : HeldBranch.State.ROLLED_BACK);
        remainLater(branch);
    }

    // ---- forgetting

    /** Who asks again soon is told the same; later only one that was decided by hand is known, until it is forgotten. */
    private void remainLater(HeldBranch branch) {
        owner.schedule(
                () -> {
                    if (retired || byId.get(branch.id) != branch) {
                        return;
                    }
                    if (branch.byHand) {
                        move(branch, CommitCodec.over(branch));
                    } else {
                        drop(branch);
                        log.append(List.of(CommitCodec.forgotten(branch.id)), true, (offset, failure) -> {
                            if (failure == null) {
                                home.written(offset);
                                home.trim();
                            } else {
                                LOG.warn("The end of branch {} will be carried out again at a start", branch.id);
                            }
                        });
                    }
                },
                forgetAfterNanos);
    }

    private void forget(HeldBranch branch, BranchEnded ended) {
        if (!branch.byHand) {
            ended.ended(Outcome.REFUSED, null);
            return;
        }
        log.append(List.of(CommitCodec.forgotten(branch.id)), true, (offset, failure) -> {
            if (failure != null) {
                ended.ended(null, failure);
                return;
            }
            home.written(offset);
            drop(branch);
            home.trim();
            ended.ended(Outcome.DONE, null);
        });
    }

    /** What is here needs the log from there on; {@link Long#MAX_VALUE} for nothing. */
    long neededFrom() {
        return byOffset.isEmpty() ? Long.MAX_VALUE : byOffset.firstKey();
    }

    /** A branch that was prepared long ago must not keep the log from being trimmed: it is written again, at the end. */
    void keepUp(long end) {
        HeldBranch oldest = byOffset.isEmpty() ? null : byOffset.firstEntry().getValue();
        if (oldest == null || moving || retired || end - oldest.offset < BEHIND_MAX) {
            return;
        }
        try {
            if (oldest.state == HeldBranch.State.PREPARED) {
                move(oldest, log.read(oldest.offset));
            } else if (oldest.byHand && oldest.state.isOver()) {
                move(oldest, CommitCodec.over(oldest));
            }
        } catch (IOException e) {
            LOG.warn("Prepared branch {} cannot be read; the log of commits is not trimmed", oldest.id, e);
        }
    }

    private void move(HeldBranch branch, ByteBuffer entry) {
        moving = true;
        log.append(List.of(entry), true, (offset, failure) -> {
            moving = false;
            if (failure != null || byId.get(branch.id) != branch) {
                return;
            }
            home.written(offset);
            byOffset.remove(branch.offset, branch);
            branch.offset = offset;
            byOffset.put(offset, branch);
            home.trim();
        });
    }

    /** Calls back with the oldest first. */
    void list(String principal, Consumer<List<BranchDescription>> listed, Consumer<IOException> failed) {
        home.confirm(failure -> {
            if (failure != null) {
                failed.accept(failure);
                return;
            }
            listed.accept(byId.values().stream()
                    .filter(HeldBranch::isListed)
                    .filter(branch -> principal == null || principal.equals(branch.principal))
                    .map(HeldBranch::description)
                    .toList());
        });
    }
}
