package io.penstock.broker.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.delivery.OffsetRanges;
import io.penstock.broker.delivery.SessionKey;
import io.penstock.broker.partition.InternalLog;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The recovery of decided commits (JMS-RULES 20): all, in order, and in no more time than the disk needs. */
@Timeout(30)
class LocalCommitsTest {
    private static final UUID TOPIC = new UUID(1, 2);
    private static final int COMMITS = 20_000;

    private final SimulatedTime time = new SimulatedTime(1);
    private final SimulatedOwner owner = new SimulatedOwner(time, "owner");
    private final List<ByteBuffer> values = new ArrayList<>();
    private final List<Long> sent = new ArrayList<>();
    private final List<CommitTargets.Done> waiting = new ArrayList<>();
    private boolean recovered;

    /** The log of decisions, with what was decided before. */
    private final class Decisions implements InternalLog {
        @Override
        public Owner owner() {
            return owner;
        }

        @Override
        public long startOffset() {
            return 0;
        }

        @Override
        public long endOffset() {
            return values.size();
        }

        @Override
        public void append(List<ByteBuffer> more, boolean wait, Appended callback) {
            callback.done(values.size(), null);
        }

        @Override
        public void replay(Visitor visitor) throws IOException {
            for (int i = 0; i < values.size(); i++) {
                visitor.value(i, values.get(i).duplicate());
            }
        }

        @Override
        public void forgetBelow(long offset) {
            // The test looks at what is carried out.
        }
    }

    private void decided(int number, boolean sends, boolean settles) {
        ByteBuffer batch = ByteBuffer.allocate(8).putLong(0, number);
        CommitRecord record = new CommitRecord(
                new SessionKey(1, 1),
                number,
                sends ? List.of(new CommitRecord.Send(TOPIC, 0, batch)) : List.of(),
                settles
                        ? List.of(new CommitRecord.Settle(TOPIC, 0, "q", 0, OffsetRanges.of(number, number)))
                        : List.of());
        ByteBuffer value = CommitCodec.commit(record);
        values.add(ByteBuffer.allocate(value.remaining()).put(value.duplicate()).flip());
    }

    private void recover(CommitTargets targets) {
        LocalCommits commits = new LocalCommits(new Decisions(), 1_000_000_000L);
        owner.runHere(() -> {
            try {
                commits.recover(targets, () -> recovered = true);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** Sends are done at once, or when the test says so; settlements when the test says so. */
    private CommitTargets targets(boolean sendsWait) {
        return new CommitTargets() {
            @Override
            public void send(CommitRecord.Send send, Done done) {
                sent.add(send.batch().getLong(send.batch().position()));
                if (sendsWait) {
                    waiting.add(done);
                } else {
                    done.done(-1, null);
                }
            }

            @Override
            public void settle(CommitRecord commit, CommitRecord.Settle settle, Done done) {
                waiting.add(done);
            }
        };
    }

    private void force() {
        List<CommitTargets.Done> now = List.copyOf(waiting);
        waiting.clear();
        owner.runHere(() -> now.forEach(done -> done.done(-1, null)));
    }

    @Test
    void manyCommitsThatWereDoneTakeNoStackForEach() {
        for (int i = 0; i < COMMITS; i++) {
            decided(i, true, false);
        }
        recover(targets(false));
        assertTrue(recovered);
        assertEquals(COMMITS, sent.size());
    }

    @Test
    void settlementsOfManyCommitsWaitForOneForce() {
        for (int i = 0; i < 900; i++) {
            decided(i, true, true);
        }
        recover(targets(false));
        assertEquals(900, waiting.size());
        force();
        assertTrue(recovered);
    }

    @Test
    void batchesGoInOneCommitAfterTheOther() {
        for (int i = 0; i < 5; i++) {
            decided(i, true, i % 2 == 0);
        }
        recover(targets(true));
        int forces = 0;
        while (!recovered && forces < 20) {
            assertTrue(sent.size() <= forces + 1, "sent " + sent + " after " + forces);
            force();
            forces++;
        }
        assertTrue(recovered);
        assertEquals(List.of(0L, 1L, 2L, 3L, 4L), sent);
    }

    @Test
    void aPartThatFailsIsTriedAgainBeforeClientsAreServed() {
        decided(0, true, true);
        recover(targets(true));
        CommitTargets.Done first = waiting.remove(0);
        owner.runHere(() -> first.done(-1, new IOException("simulated")));
        force();
        assertTrue(!recovered);
        time.runFor(1_000_000_000L);
        force();
        assertTrue(recovered);
        assertEquals(List.of(0L, 0L), sent);
    }
}
