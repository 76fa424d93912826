package io.penstock.jms.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.client.Settlements.Outcome;
import io.penstock.jms.message.Acknowledger;
import jakarta.jms.Message;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is remembered of hand-outs (rule 3), within its limits. */
@Timeout(30)
class HandOutMemoryTest {
    private final TestClock clock = new TestClock();
    private final HandOutMemory memory = new HandOutMemory(100, 1_000);

    private static final class TestClock implements Clock {
        private long nanos;

        @Override
        public long wallMillis() {
            return 0;
        }

        @Override
        public long nanos() {
            return nanos;
        }
    }

    private record Consumer(int id, Object source) implements ClientConsumer {
        @Override
        public void credit(int messages, int bytes) {}

        @Override
        public CompletableFuture<Void> drain() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Void> detach(OffsetsByPartition neverHandedOut) {
            return CompletableFuture.completedFuture(null);
        }
    }

    private record At(int partition, long offset) implements Delivery {
        @Override
        public int deliveryCount() {
            return 1;
        }

        @Override
        public long expiration() {
            return 0;
        }

        @Override
        public boolean persistent() {
            return true;
        }

        @Override
        public Message message(int deliveryCount, Acknowledger acknowledger) {
            throw new AssertionError("nobody asks for it");
        }
    }

    private static Settlements of(Consumer consumer, Outcome outcome, int count, long... offsets) {
        Settlements settlements = new Settlements();
        for (long offset : offsets) {
            settlements.add(consumer, new At(0, offset), count, outcome);
        }
        return settlements;
    }

    private Integer count(Consumer consumer, long offset) {
        HandOutMemory.Found found = memory.find(consumer, 0, offset, clock);
        return found == null ? null : found.count();
    }

    @Test
    void rule3AnotherConsumerOfTheSameGroupFindsTheCount() {
        memory.remember(of(new Consumer(1, "group"), Outcome.MARKED, 2, 5, 6, 9), clock);
        assertEquals(2, count(new Consumer(7, "group"), 6));
        assertNull(count(new Consumer(7, "group"), 7));
        assertNull(count(new Consumer(1, "other"), 6));
        assertNull(memory.find(new Consumer(1, "group"), 1, 6, clock));
    }

    @Test
    void whatWasNeverHandedOutOrEndsWithItsConnectionIsNotRemembered() {
        memory.remember(of(new Consumer(1, "group"), Outcome.RELEASED, 0, 5), clock);
        memory.remember(of(new Consumer(1, "group"), Outcome.ACCEPTED, 0, 6), clock);
        memory.remember(of(new Consumer(1, null), Outcome.MARKED, 1, 5), clock);
        assertTrue(memory.isEmpty());
        assertNull(memory.find(new Consumer(1, null), 0, 5, clock));
    }

    @Test
    void confirmedSettlementsEndTheMemory() {
        Consumer consumer = new Consumer(1, "group");
        memory.remember(of(consumer, Outcome.ACCEPTED, 1, 5, 6, 7), clock);
        assertTrue(memory.find(consumer, 0, 5, clock).accepted());
        memory.confirmed(List.of(of(consumer, Outcome.MARKED, 2, 6)));
        assertEquals(1, count(consumer, 6));
        memory.confirmed(List.of(of(consumer, Outcome.ACCEPTED, 2, 6)));
        assertNull(count(consumer, 6));
        assertEquals(2, memory.runs());
        memory.confirmed(List.of(of(consumer, Outcome.ACCEPTED, 2, 5, 7)));
        assertTrue(memory.isEmpty());
    }

    @Test
    void theMemoryIsBoundedInSizeAndTime() {
        for (int group = 0; group < 30; group++) {
            memory.remember(of(new Consumer(1, group), Outcome.MARKED, 1, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18), clock);
            assertTrue(memory.runs() <= 100, "runs: " + memory.runs());
        }
        assertNull(count(new Consumer(1, 0), 4));
        assertEquals(1, count(new Consumer(1, 29), 4));
        clock.nanos = 1_001;
        assertNull(count(new Consumer(1, 29), 4));
        memory.remember(of(new Consumer(1, "late"), Outcome.MARKED, 1, 0), clock);
        assertEquals(1, memory.runs());
        assertFalse(memory.isEmpty());
    }

    @Test
    void runsAgreeWithAMapOfOffsets() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            HandOutRuns runs = new HandOutRuns();
            Map<Long, Integer> model = new HashMap<>();
            for (int step = 0; step < 40; step++) {
                long from = random.nextInt(60);
                long to = from + random.nextInt(12);
                int count = 1 + random.nextInt(3);
                boolean accepted = random.nextBoolean();
                boolean remove = random.nextInt(4) == 0;
                for (long offset = from; offset <= to; offset++) {
                    if (remove) {
                        model.remove(offset);
                    } else {
                        model.merge(offset, 2 * count + (accepted ? 1 : 0), Math::max);
                    }
                }
                if (remove) {
                    runs.remove(from, to);
                } else {
                    runs.raise(from, to, count, accepted);
                }
                for (long offset = 0; offset < 75; offset++) {
                    HandOutMemory.Found found = runs.find(offset);
                    Integer expected = model.get(offset);
                    Integer actual = found == null ? null : 2 * found.count() + (found.accepted() ? 1 : 0);
                    assertEquals(expected, actual, "seed " + seed + ", step " + step + ", offset " + offset);
                }
            }
        }
    }
}
