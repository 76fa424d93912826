package io.penstock.broker.transaction;

import io.penstock.broker.delivery.SessionKey;
import io.penstock.broker.partition.InternalLog;
import io.penstock.protocol.message.AskCommitResponse.Outcome;
import io.penstock.protocol.message.BranchDescription;
import io.penstock.protocol.message.BranchId;
import io.penstock.protocol.message.EndBranchRequest.Action;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The home of commits over several logs, all or nothing at every crash: the whole commit is written to the log of
 * decisions first, and when it is durable it is carried out, part by part, idempotently, wherever the parts' leaders are.
 *
 * <pre>
 *   given --written--> decided (durable) --every part done--> answered --a while later--> forgotten (DONE record)
 *     |                   |
 *     | crash: nothing    | crash: carried out again by the next home, before it serves a client
 * </pre>
 *
 * <p>A commit is known by its session and sequence: who gives it again is told what has become of it. A decided commit
 * cannot fail any more; a part that fails (a full disk, no leader) is tried again until it is done. What could make a part
 * impossible must have been checked before. Owner of the log's partition only; {@link #recover} comes first.
 */
public final class CommitHome {
    private static final Logger LOG = LoggerFactory.getLogger(CommitHome.class);
    private static final int UNDONE_MAX = 10_000;

    /** Told how a commit ended. */
    @FunctionalInterface
    public interface Committed {
        /**
         * @param baseOffsets of the sends, in their order, -1 for what was there before; null on failure
         * @param failure null on success; else why it was not decided, and nothing has been or will be done, but for
         *     {@link UnknownOutcomeException}
         */
        void done(long[] baseOffsets, IOException failure);
    }

    private final InternalLog log;
    private final Owner owner;
    private final CommitFences fences;
    private final long forgetAfterNanos;
    /** By offset of the decision. */
    private final TreeMap<Long, Decision> decisions = new TreeMap<>();

    private final Map<CommitKey, Decision> byKey = new HashMap<>();
    /** Being written, or written and perhaps lost, with who waits for the end. */
    private final Map<CommitKey, List<Committed>> writing = new HashMap<>();

    private final SendOrder order = new SendOrder();
    private final HeldBranches branches;
    /** Everything below is in the log; what is being written lies above. */
    private long writtenBelow;

    private long doneBelow;
    private boolean forgetting;
    private boolean retired;

    /** What is decided, from then until it is forgotten. */
    private static final class Decision {
        final long offset;
        final CommitKey key;
        List<Committed> waiting = new ArrayList<>(1);
        long[] baseOffsets;
        boolean forgettable;

        Decision(long offset, CommitKey key) {
            this.offset = offset;
            this.key = key;
        }

        void whenDone(Committed committed) {
            if (waiting == null) {
                committed.done(baseOffsets, null);
            } else {
                waiting.add(committed);
            }
        }

        void done(long[] offsets) {
            List<Committed> told = waiting;
            waiting = null;
            baseOffsets = offsets;
            told.forEach(each -> each.done(offsets, null));
        }
    }

    /**
     * @param fences what this process has said will never be decided; outlives this object
     * @param forgetAfterNanos how long a commit that was carried out is remembered: longer than it takes until logs
     *     that are forced in the background are forced
     */
    public CommitHome(InternalLog log, CommitFences fences, long forgetAfterNanos) {
        this.log = log;
        this.owner = log.owner();
        this.fences = fences;
        this.forgetAfterNanos = forgetAfterNanos;
        this.branches = new HeldBranches(log, order, forgetAfterNanos, new BranchHome());
    }

    /**
     * Carries out again every commit that was decided and is not known to be done, in the order of the decisions.
     *
     * @param done runs on the owner when all that this broker leads is done; its clients are served from then on. Parts
     *     of other leaders follow
     */
    public void recover(BranchTargets targets, Runnable done) throws IOException {
        owner.requireCurrent();
        TreeMap<Long, CommitRecord> undone = new TreeMap<>();
        log.replay((offset, value) -> CommitCodec.decode(value, new CommitCodec.Entries() {
            @Override
            public void commit(CommitRecord record) {
                undone.put(offset, record);
            }

            @Override
            public void doneBelow(long below) {
                undone.headMap(below).clear();
            }

            @Override
            public void prepared(BranchRecord record) {
                branches.replayed(offset, record);
            }

            @Override
            public void decided(BranchId branch, boolean commits, boolean byHand) {
                branches.replayedDecision(branch, commits, byHand);
            }

            @Override
            public void over(HeldBranch over) {
                branches.replayedOver(offset, over);
            }

            @Override
            public void forgotten(BranchId branch) {
                branches.replayedForgotten(branch);
            }
        }));
        if (!undone.isEmpty()) {
            LOG.info("{} commits over several logs are carried out again", undone.size());
        }
        // All are known before the first is carried out: that may end at once, and whoever asks then must be told.
        undone.forEach((offset, record) -> decided(offset, record));
        HereFirst here = new HereFirst(done);
        undone.forEach((offset, record) -> carryOut(decisions.get(offset), record, targets, here));
        branches.recover(targets, here);
        here.allStarted();
    }

    private Decision decided(long offset, CommitRecord record) {
        Decision decision = new Decision(offset, key(record));
        decisions.put(offset, decision);
        byKey.put(decision.key, decision);
        return decision;
    }

    private static CommitKey key(CommitRecord record) {
        return new CommitKey(record.session(), record.sequence());
    }

    /** Counts the parts of a recovery that this broker leads. */
    private static final class HereFirst implements Function<Boolean, Runnable> {
        private final Runnable done;
        private int left = 1;

        HereFirst(Runnable done) {
            this.done = done;
        }

        @Override
        public Runnable apply(Boolean isHere) {
            if (!isHere) {
                return () -> {};
            }
            left++;
            return this::one;
        }

        void allStarted() {
            one();
        }

        private void one() {
            if (--left == 0) {
                done.run();
            }
        }
    }

    /** The offsets of a commit's sends when it is known and carried out (-1 for what was there before), or null. */
    public long[] known(SessionKey session, long sequence) {
        owner.requireCurrent();
        Decision decision = byKey.get(new CommitKey(session, sequence));
        return decision == null ? null : decision.baseOffsets;
    }

    /** True when the commit is decided here. */
    public boolean isDecided(SessionKey session, long sequence) {
        owner.requireCurrent();
        return byKey.containsKey(new CommitKey(session, sequence));
    }

    /** How a commit stands; one that is neither decided nor being decided never will be, from now on. */
    public Outcome ask(SessionKey session, long sequence) {
        owner.requireCurrent();
        CommitKey key = new CommitKey(session, sequence);
        if (byKey.containsKey(key)) {
            return Outcome.DECIDED;
        }
        if (branches.has(session, sequence)) {
            return Outcome.OPEN; // However it ends, this home tells the leaders.
        }
        return writing.containsKey(key) || retired || stale() || !fences.refuse(session, sequence, owner)
                ? Outcome.OPEN
                : Outcome.NEVER;
    }

    /** Whether the log may hold another end than this knows: it must be recovered by a successor. Any thread. */
    public boolean stale() {
        return log.stale();
    }

    /** A successor has the log: what is decided here is carried out to its end, and nothing is written any more. */
    public void retire() {
        owner.requireCurrent();
        retired = true;
        branches.retire();
    }

    /** Number of commits that are decided and not yet forgotten. */
    public int remembered() {
        return decisions.size();
    }

    /**
     * Decides and carries out a commit whose parts have been checked.
     *
     * @param targets of this commit
     */
    public void commit(CommitRecord record, CommitTargets targets, Committed committed) {
        owner.requireCurrent();
        CommitKey key = key(record);
        Decision present = byKey.get(key);
        if (present != null) {
            present.whenDone(committed);
            return;
        }
        List<Committed> early = writing.get(key);
        if (early != null) {
            early.add(committed);
            return;
        }
        if (fences.isRefused(record.session(), record.sequence())) {
            committed.done(null, new RolledBackException("its leaders were told that it is off", null));
            return;
        }
        if (decisions.size() >= UNDONE_MAX) {
            forgetOld();
        }
        if (undoneCount() >= UNDONE_MAX) {
            committed.done(null, new IOException(UNDONE_MAX + " commits are waiting for their logs"));
            return;
        }
        List<Committed> waiting = new ArrayList<>(1);
        waiting.add(committed);
        writing.put(key, waiting);
        log.append(List.of(CommitCodec.commit(record)), true, (offset, failure) -> {
            if (failure != null && offset >= 0) {
                // Stays among what is being written: nobody may be told that it is off.
                UnknownOutcomeException unknown = new UnknownOutcomeException(failure);
                List.copyOf(waiting).forEach(each -> each.done(null, unknown));
                return;
            }
            writing.remove(key);
            if (failure != null) {
                waiting.forEach(each -> each.done(null, failure));
                return;
            }
            writtenBelow = offset + 1;
            Decision decision = decided(offset, record);
            waiting.forEach(decision::whenDone);
            carryOut(decision, record, targets, isHere -> () -> {});
        });
    }

    private long undoneCount() {
        return decisions.size() < UNDONE_MAX
                ? decisions.size()
                : decisions.values().stream().filter(each -> !each.forgettable).count();
    }

    private void carryOut(
            Decision decision, CommitRecord record, CommitTargets targets, Function<Boolean, Runnable> parts) {
        new CommitCarrying(owner, order, decision.offset, record, targets, parts, baseOffsets -> {
                    decision.done(baseOffsets);
                    carriedOut(decision);
                })
                .start();
    }

    private void carriedOut(Decision decision) {
        owner.schedule(
                () -> {
                    decision.forgettable = true;
                    forgetOld();
                },
                forgetAfterNanos);
    }

    /** Writes a DONE record, not waited for, when decisions at the start of the log are done; then trims the log. */
    private void forgetOld() {
        long below = doneBelow;
        while (!decisions.isEmpty() && decisions.firstEntry().getValue().forgettable) {
            Decision forgotten = decisions.pollFirstEntry().getValue();
            byKey.remove(forgotten.key, forgotten);
            below = forgotten.offset + 1;
        }
        if (below == doneBelow || forgetting || retired) {
            return;
        }
        doneBelow = below;
        forgetting = true;
        log.append(List.of(CommitCodec.doneBelow(below)), true, (offset, failure) -> {
            forgetting = false;
            if (failure != null) {
                LOG.warn("The log of commits was not trimmed; what is done will be checked again at a start", failure);
                return;
            }
            writtenBelow = offset + 1;
            trim();
        });
    }

    /** Gives up the log's start as far as nothing of it is needed: neither an undone commit nor a branch. */
    private void trim() {
        if (retired) {
            return;
        }
        long below = Math.min(writtenBelow, branches.neededFrom());
        if (!decisions.isEmpty()) {
            below = Math.min(below, decisions.firstKey());
        }
        try {
            if (below > log.startOffset()) {
                log.forgetBelow(below);
            }
        } catch (IOException e) {
            LOG.warn("The log of commits was not trimmed; what is done will be checked again at a start", e);
        }
        branches.keepUp(writtenBelow);
    }

    // ---- branches

    /**
     * Keeps a branch whose parts have been checked until it is told how it ends.
     *
     * @param kept null when it is durable, as often as it is asked; {@link RolledBackException} when it never will be kept
     */
    public void hold(BranchRecord record, Consumer<IOException> kept) {
        owner.requireCurrent();
        if (fences.isRefused(record.work().session(), record.work().sequence())
                && !branches.has(record.work().session(), record.work().sequence())) {
            kept.accept(new RolledBackException("its leaders were told that it is off", null));
            return;
        }
        branches.prepare(record, kept);
    }

    /** Whether this branch is kept, or is being written, under the name of this work. */
    public boolean holds(BranchRecord record) {
        owner.requireCurrent();
        return branches.has(record.work().session(), record.work().sequence());
    }

    /**
     * Ends a branch, and calls back when that is carried out.
     *
     * @param principal whose it must be; null for anybody's
     */
    public void end(BranchId branch, Action action, String principal, BranchEnded ended) {
        owner.requireCurrent();
        branches.end(branch, action, principal, ended);
    }

    /** Gives the branches that are prepared, or decided by hand and not forgotten, the oldest first. */
    public void list(String principal, Consumer<List<BranchDescription>> listed, Consumer<IOException> failed) {
        owner.requireCurrent();
        branches.list(principal, listed, failed);
    }

    private final class BranchHome implements HeldBranches.Home {
        @Override
        public void confirm(Consumer<IOException> done) {
            log.append(List.of(CommitCodec.doneBelow(doneBelow)), true, (offset, failure) -> {
                if (failure == null) {
                    writtenBelow = offset + 1;
                }
                done.accept(failure);
            });
        }

        @Override
        public void written(long offset) {
            writtenBelow = offset + 1;
        }

        @Override
        public void trim() {
            CommitHome.this.trim();
        }
    }
}
