package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.config.DestinationSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Failing deliveries from a seed: sessions that fail messages or die with them, kills of the broker, a dead-letter queue
 * that is not there for a while. Each message is accepted once or moved once, after exactly its attempts; counts are right
 * also directly after a crash (rule 3, invariant 19); nothing comes before it is due.
 */
@Timeout(120)
class RedeliverySimulationTest {
    private static final int ATTEMPTS = 3;
    private static final long DELAY_MILLIS = 100;
    private static final DestinationSettings SETTINGS =
            new DestinationSettings(ATTEMPTS, DELAY_MILLIS, 2, 300, "DLQ", true, null, false);

    @Test
    void eachMessageEndsInOnePlaceAfterItsAttempts() {
        int seeds = Integer.getInteger("penstock.seeds", 100);
        int first = Integer.getInteger("penstock.seed.first", 1);
        for (int seed = first; seed < first + seeds; seed++) {
            try {
                new Run(seed).run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": run with -Dseeds=1 -Dseed.first=" + seed, e);
            }
        }
    }

    private static final class Run implements Moves {
        private final Random random;
        private final DeliveryBench bench;
        private final Map<SessionKey, RecordingConsumer> consumers = new HashMap<>();
        private final Map<Long, SessionKey> held = new HashMap<>();
        private final Map<Long, Integer> attempts = new HashMap<>();
        private final Map<Long, Long> notBefore = new HashMap<>();
        private final Set<Long> accepted = new HashSet<>();
        private final List<Long> moved = new ArrayList<>();
        private boolean refusing;
        private int nextSession = 1;
        private long sequence;
        private int sent;

        Run(int seed) {
            random = new Random(seed);
            bench = new DeliveryBench(seed);
            bench.config = bench.config.withSessionGraceMillis(0);
            bench.settings = SETTINGS;
            bench.moves = this;
            bench.openQueue();
        }

        void run() {
            for (int step = 0; step < 300; step++) {
                step();
                look();
            }
            refusing = false;
            for (int i = 0; i < 200 && accepted.size() + moved.size() < sent; i++) {
                bench.after(1000);
                session();
                look();
                new ArrayList<>(held.keySet()).forEach(offset -> {
                    if (random.nextBoolean()) {
                        accept(offset);
                    } else {
                        fail(offset);
                    }
                });
                look();
            }
            assertEquals(sent, accepted.size() + moved.size());
            assertEquals(moved.size(), new HashSet<>(moved).size(), "moved twice: " + moved);
            moved.forEach(offset -> {
                assertTrue(!accepted.contains(offset), "accepted and moved: " + offset);
                assertEquals(ATTEMPTS, attempts.get(offset), "attempts of " + offset);
            });
            bench.after(60_000);
            assertEquals(sent, bench.group().state().startOffset());
        }

        private void step() {
            switch (random.nextInt(10)) {
                case 0, 1 -> {
                    int count = 1 + random.nextInt(3);
                    sent += count;
                    bench.send(count);
                }
                case 2 -> session();
                case 3, 4 -> any().ifPresent(this::fail);
                case 5 -> any().ifPresent(this::accept);
                case 6 -> {
                    if (!consumers.isEmpty()) {
                        SessionKey session = new ArrayList<>(consumers.keySet()).get(random.nextInt(consumers.size()));
                        consumers.remove(session);
                        failAll(session);
                        bench.run(() -> bench.delivery.sessionEnded(session));
                    }
                }
                case 7 -> refusing = random.nextBoolean();
                case 8 -> {
                    if (random.nextInt(4) == 0) {
                        failAll(null);
                        consumers.clear();
                        bench.kill();
                        bench.open();
                    }
                }
                default -> bench.after(random.nextInt(400));
            }
        }

        private java.util.Optional<Long> any() {
            List<Long> all = new ArrayList<>(held.keySet());
            return all.isEmpty()
                    ? java.util.Optional.empty()
                    : java.util.Optional.of(all.get(random.nextInt(all.size())));
        }

        private void session() {
            SessionKey session = new SessionKey(nextSession++, 1);
            RecordingConsumer consumer = new RecordingConsumer(session, 1, 1 + random.nextInt(5));
            consumers.put(session, consumer);
            bench.run(() -> bench.group().attach(consumer));
        }

        /** What came is checked, and handed out. */
        private void look() {
            consumers.forEach((session, consumer) -> {
                // A mark takes its time, in which more may come.
                while (!consumer.got.isEmpty()) {
                    RecordingConsumer.Got got = consumer.got.remove(0);
                    long offset = got.offset();
                    assertTrue(!accepted.contains(offset) && !moved.contains(offset), "again: " + offset);
                    assertEquals(attempts.getOrDefault(offset, 0) + 1, got.count(), "count of " + offset);
                    assertTrue(bench.time.millis() >= notBefore.getOrDefault(offset, 0L), "too early: " + offset);
                    attempts.merge(offset, 1, Integer::sum);
                    held.put(offset, session);
                    bench.run(() -> bench.group().mark(session, OffsetRanges.of(offset, offset)));
                }
            });
        }

        private void failed(long offset) {
            long delay = Math.min(DELAY_MILLIS << attempts.get(offset) - 1, 300);
            notBefore.put(offset, bench.time.millis() + delay);
        }

        private void fail(long offset) {
            SessionKey session = held.remove(offset);
            failed(offset);
            settle(session, new Settlements(new OffsetRanges(), new OffsetRanges(), OffsetRanges.of(offset, offset)));
        }

        private void failAll(SessionKey session) {
            held.entrySet().removeIf(each -> {
                boolean its = session == null || each.getValue().equals(session);
                if (its) {
                    failed(each.getKey());
                }
                return its;
            });
        }

        private void accept(long offset) {
            accepted.add(offset);
            settle(held.remove(offset), Settlements.accept(OffsetRanges.of(offset, offset)));
        }

        private void settle(SessionKey session, Settlements settlements) {
            bench.run(() -> bench.group().settle(session, sequence++, settlements, (outcome, failure) -> {
                assertTrue(failure == null && outcome.complete(), "settlement of " + session);
            }));
        }

        @Override
        public void move(Move move, Consumer<IOException> done) {
            if (refusing) {
                done.accept(new IOException("not now"));
            } else if (!move.prepare()) {
                done.accept(null);
            } else {
                for (Record record : MemoryRecords.readableRecords(move.batch()).records()) {
                    byte[] value = new byte[record.valueSize()];
                    record.value().get(value);
                    moved.add(Long.parseLong(new String(value).substring(1)));
                }
                move.settle((outcome, failure) -> done.accept(failure));
            }
        }
    }
}
