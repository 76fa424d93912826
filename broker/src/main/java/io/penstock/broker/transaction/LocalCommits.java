package io.penstock.broker.transaction;

import io.penstock.broker.delivery.SessionKey;
import io.penstock.broker.partition.InternalLog;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits of local transactions over several logs, all or nothing at every crash: the whole commit is written to the
 * log of decisions first, and when it is durable it is carried out, part by part, idempotently.
 *
 * <pre>
 *   given --written--> decided (durable) --every part done--> answered --a while later--> forgotten (DONE record)
 *     |                   |
 *     | crash: nothing    | crash: carried out again at the next start, before any client is served
 * </pre>
 *
 * <p>A decided commit cannot fail any more; a part that fails (a full disk) is tried again until it is done. What could
 * make a part impossible must have been checked before. Owner of the log's partition only; {@link #recover} comes
 * first.
 */
public final class LocalCommits {
    private static final Logger LOG = LoggerFactory.getLogger(LocalCommits.class);
    private static final int UNDONE_MAX = 10_000;
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long RETRY_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);

    /** Told how a commit ended. */
    @FunctionalInterface
    public interface Committed {
        /**
         * @param baseOffsets of the sends, in their order; null on failure
         * @param failure null on success; else why it was not decided, and nothing has been or will be done, but for
         *     {@link UnknownOutcomeException}
         */
        void done(long[] baseOffsets, IOException failure);
    }

    private final InternalLog log;
    private final Owner owner;
    private final long forgetAfterNanos;
    /** By offset of the decision; false while it is carried out, true when it may be forgotten. */
    private final TreeMap<Long, Boolean> decisions = new TreeMap<>();

    /** Of decisions that {@link #recover} has carried out: the offsets that their sends got. */
    private final Map<Decided, long[]> recovered = new HashMap<>();

    private long doneBelow;
    private boolean forgetting;
    private boolean retired;

    private record Decided(SessionKey session, long sequence) {}

    /**
     * @param forgetAfterNanos how long a commit that was carried out is remembered: longer than it takes until logs
     *     that are forced in the background are forced
     */
    public LocalCommits(InternalLog log, long forgetAfterNanos) {
        this.log = log;
        this.owner = log.owner();
        this.forgetAfterNanos = forgetAfterNanos;
    }

    /**
     * Carries out again every commit that was decided and is not known to be done, in the order of the decisions.
     *
     * @param done runs on the owner when all are done; clients are served from then on
     */
    public void recover(CommitTargets targets, Runnable done) throws IOException {
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
        }));
        if (!undone.isEmpty()) {
            LOG.info("{} commits over several logs are carried out again", undone.size());
        }
        undone.keySet().forEach(offset -> decisions.put(offset, false));
        new Recovery(undone, targets, done).goOn();
    }

    /**
     * Carries out what a crash left. Batches go in one commit after the other, since producers' sequences have an order;
     * settlements are not waited for before the next commit, or each would cost a force of its own.
     */
    private final class Recovery {
        private static final int OPEN_MAX = 1_000;

        private final TreeMap<Long, CommitRecord> undone;
        private final CommitTargets targets;
        private final Runnable done;
        private int open;
        private boolean sending;
        /** A loop and not a recursion: there may be thousands, and most find that they were done. */
        private boolean looping;

        Recovery(TreeMap<Long, CommitRecord> undone, CommitTargets targets, Runnable done) {
            this.undone = undone;
            this.targets = targets;
            this.done = done;
        }

        void goOn() {
            if (looping) {
                return;
            }
            looping = true;
            try {
                while (!sending && open < OPEN_MAX && !undone.isEmpty()) {
                    begin(undone.pollFirstEntry());
                }
            } finally {
                looping = false;
            }
            if (undone.isEmpty() && open == 0) {
                done.run();
            }
        }

        private void begin(Map.Entry<Long, CommitRecord> next) {
            open++;
            sending = true;
            CommitRecord record = next.getValue();
            new Carrying(next.getKey(), record, targets, this::sent, baseOffsets -> {
                        recovered.put(new Decided(record.session(), record.sequence()), baseOffsets);
                        ended();
                    })
                    .start();
        }

        private void sent() {
            sending = false;
            goOn();
        }

        private void ended() {
            open--;
            goOn();
        }
    }

    /** The offsets of a commit's sends when recovery found and carried it out (-1 for what was there before), or null. */
    public long[] recovered(SessionKey session, long sequence) {
        owner.requireCurrent();
        return recovered.get(new Decided(session, sequence));
    }

    /** Whether the log may hold another end than this knows: it must be recovered by a successor. Any thread. */
    public boolean stale() {
        return log.stale();
    }

    /** A successor has the log: what is decided here is carried out to its end, and nothing is written any more. */
    public void retire() {
        owner.requireCurrent();
        retired = true;
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
        if (decisions.size() >= UNDONE_MAX) {
            forgetOld();
        }
        if (undoneCount() >= UNDONE_MAX) {
            committed.done(null, new IOException(UNDONE_MAX + " commits are waiting for their logs"));
            return;
        }
        log.append(List.of(CommitCodec.commit(record)), true, (offset, failure) -> {
            if (failure != null) {
                committed.done(null, offset < 0 ? failure : new UnknownOutcomeException(failure));
                return;
            }
            decisions.put(offset, false);
            new Carrying(offset, record, targets, () -> {}, baseOffsets -> committed.done(baseOffsets, null)).start();
        });
    }

    private long undoneCount() {
        return decisions.size() < UNDONE_MAX
                ? decisions.size()
                : decisions.values().stream().filter(done -> !done).count();
    }

    private void carriedOut(long offset) {
        owner.schedule(
                () -> {
                    decisions.replace(offset, true);
                    forgetOld();
                },
                forgetAfterNanos);
    }

    /** Writes a DONE record, not waited for, when decisions at the start of the log are done; then trims the log. */
    private void forgetOld() {
        long below = doneBelow;
        while (!decisions.isEmpty() && decisions.firstEntry().getValue()) {
            below = decisions.pollFirstEntry().getKey() + 1;
        }
        if (below == doneBelow || forgetting || retired) {
            return;
        }
        doneBelow = below;
        long trimTo = below;
        forgetting = true;
        log.append(List.of(CommitCodec.doneBelow(below)), true, (offset, failure) -> {
            forgetting = false;
            try {
                if (failure != null) {
                    throw failure;
                }
                log.forgetBelow(trimTo);
            } catch (IOException e) {
                LOG.warn("The log of commits was not trimmed; what is done will be checked again at a start", e);
            }
        });
    }

    /** One decided commit on its way. */
    private final class Carrying {
        private final long offset;
        private final CommitRecord record;
        private final CommitTargets targets;
        private final Runnable sent;
        private final java.util.function.Consumer<long[]> answered;
        private final long[] baseOffsets;
        private int sendsLeft;
        private int partsLeft;

        /**
         * @param sent runs when all batches are in their logs
         * @param answered runs when everything is done, later than {@code sent}
         */
        Carrying(
                long offset,
                CommitRecord record,
                CommitTargets targets,
                Runnable sent,
                java.util.function.Consumer<long[]> answered) {
            this.sent = sent;
            this.sendsLeft = record.sends().size();
            this.offset = offset;
            this.record = record;
            this.targets = targets;
            this.answered = answered;
            this.baseOffsets = new long[record.sends().size()];
            this.partsLeft = record.sends().size() + record.settles().size();
        }

        void start() {
            Arrays.fill(baseOffsets, -1);
            if (sendsLeft == 0) {
                sent.run();
            }
            if (partsLeft == 0) {
                finish();
                return;
            }
            List<CommitRecord.Settle> settles = new ArrayList<>(record.settles());
            for (int i = 0; i < baseOffsets.length; i++) {
                send(i, RETRY_NANOS);
            }
            for (CommitRecord.Settle settle : settles) {
                settle(settle, RETRY_NANOS);
            }
        }

        private void send(int index, long retryNanos) {
            CommitRecord.Send send = record.sends().get(index);
            targets.send(
                    send,
                    (baseOffset, failure) -> owner.run(() -> {
                        if (failure != null) {
                            again(failure, () -> send(index, longer(retryNanos)), retryNanos);
                        } else {
                            baseOffsets[index] = baseOffset;
                            if (--sendsLeft == 0) {
                                sent.run();
                            }
                            partDone();
                        }
                    }));
        }

        private void settle(CommitRecord.Settle settle, long retryNanos) {
            targets.settle(
                    record,
                    settle,
                    (ignored, failure) -> owner.run(() -> {
                        if (failure != null) {
                            again(failure, () -> settle(settle, longer(retryNanos)), retryNanos);
                        } else {
                            partDone();
                        }
                    }));
        }

        private void again(IOException failure, Runnable step, long afterNanos) {
            LOG.warn("A part of the decided commit {} is tried again: {}", offset, failure.toString());
            owner.schedule(step, afterNanos);
        }

        private void partDone() {
            if (--partsLeft == 0) {
                finish();
            }
        }

        private void finish() {
            answered.accept(baseOffsets);
            carriedOut(offset);
        }

        private static long longer(long nanos) {
            return Math.min(2 * nanos, RETRY_NANOS_MAX);
        }
    }
}
