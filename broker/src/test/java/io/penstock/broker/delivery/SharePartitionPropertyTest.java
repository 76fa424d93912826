package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Random operations against a model with one object for each record. */
class SharePartitionPropertyTest {

    private static final int SESSIONS = 3;

    /** A record as the model sees it. */
    private static final class Cell {
        int holder = -1;
        boolean marked;
        boolean settled;
        boolean inDoubt;
        int count;
    }

    @Property(tries = 150)
    void whatTheEngineDoesIsWhatTheModelDoes(
            @ForAll @Size(min = 20, max = 120) List<@IntRange(min = 0, max = 1_000_000) Integer> steps) {
        new World().run(steps);
    }

    /** Engine and model of one try. */
    private static final class World {

        private final DeliveryBench bench = new DeliveryBench();
        private final TreeMap<Long, Cell> model = new TreeMap<>();
        private final RecordingConsumer[] consumers = new RecordingConsumer[SESSIONS];
        private final int[] seen = new int[SESSIONS];
        private final int[] generation = new int[SESSIONS];
        private final List<PreparedSettlement> prepared = new ArrayList<>();
        private long sequence;

        void run(List<Integer> steps) {
            bench.config = new DeliveryConfig(40, 2048, 4096, 600, 64, 3_600_000, 1000, 500);
            bench.openQueue();
            for (int session = 0; session < SESSIONS; session++) {
                attach(session);
            }
            for (int step : steps) {
                step(step % 10, step / 10);
                check();
            }
        }

        private SessionKey key(int session) {
            return new SessionKey(session, generation[session]);
        }

        private void attach(int session) {
            consumers[session] = new RecordingConsumer(key(session), session, 0);
            seen[session] = 0;
            bench.run(() -> bench.group().attach(consumers[session]));
        }

        private void step(int operation, int draw) {
            int session = draw % SESSIONS;
            OffsetRanges ranges = pick(draw / SESSIONS);
            SessionKey key = key(session);
            switch (operation) {
                case 0, 1 -> bench.send(1 + draw % 7);
                case 2, 3 -> {
                    consumers[session].credit += 1 + draw % 9;
                    bench.run(() -> bench.group().wake(consumers[session]));
                }
                case 4 -> {
                    bench.run(() -> bench.group().mark(key, ranges));
                    held(session, ranges).values().forEach(cell -> {
                        // Once more: the client has handed it out again by itself.
                        cell.count += cell.marked ? 1 : 0;
                        cell.marked = true;
                    });
                }
                case 5, 6 -> settle(session, ranges, draw);
                case 7 -> {
                    free(held(session, all()));
                    bench.run(() -> bench.delivery.sessionEnded(key));
                    generation[session]++;
                    attach(session);
                }
                case 8 -> transact(session, ranges, draw);
                default -> restart();
            }
            learnPushes();
        }

        private OffsetRanges all() {
            return OffsetRanges.of(0, 1_000_000);
        }

        private OffsetRanges pick(int draw) {
            long from = model.isEmpty() ? draw % 3 : draw % (model.lastKey() + 2);
            return OffsetRanges.of(from, from + draw % 4, from + 6, from + 6 + draw % 2);
        }

        private void settle(int session, OffsetRanges ranges, int draw) {
            OffsetRanges expectedLost = new OffsetRanges();
            for (int r = 0; r < ranges.size(); r++) {
                for (long offset = ranges.first(r); offset <= ranges.last(r); offset++) {
                    Cell cell = model.get(offset);
                    if (cell == null || cell.holder != session || cell.inDoubt || cell.settled) {
                        expectedLost.add(offset, offset);
                    }
                }
            }
            Map<Long, Cell> cells = held(session, ranges);
            int disposition = draw % 3;
            Settlements settlements = disposition == 0
                    ? Settlements.accept(ranges)
                    : disposition == 1 ? Settlements.release(ranges) : Settlements.releaseCounted(ranges);
            cells.values().forEach(cell -> {
                cell.marked |= disposition == 2;
                cell.settled |= disposition == 0;
            });
            free(cells);
            List<SettleOutcome> outcomes = new ArrayList<>();
            bench.run(() -> bench.group()
                    .settle(key(session), ++sequence, settlements, (outcome, failure) -> outcomes.add(outcome)));
            assertEquals(expectedLost, outcomes.get(0).lost());
        }

        private void transact(int session, OffsetRanges ranges, int draw) {
            if (!prepared.isEmpty()) {
                PreparedSettlement decided = prepared.remove(0);
                boolean commit = draw % 2 == 0;
                Map<Long, Cell> cells = inDoubt(decided.ranges());
                cells.values().forEach(cell -> {
                    cell.inDoubt = false;
                    cell.settled = commit;
                });
                int holder = (int) decided.session().connection();
                if (commit || !decided.session().equals(key(holder))) {
                    free(cells);
                }
                bench.run(() -> {
                    if (commit) {
                        bench.group().commitSettle(decided, ++sequence, (outcome, failure) -> {});
                    } else {
                        bench.group().rollbackSettle(decided);
                    }
                });
                return;
            }
            Map<Long, Cell> cells = held(session, ranges);
            bench.run(() -> {
                try {
                    prepared.add(bench.group().prepareSettle(key(session), ranges));
                    assertEquals(ranges.count(), cells.size());
                    cells.values().forEach(cell -> cell.inDoubt = true);
                } catch (AcquisitionLostException e) {
                    assertEquals(true, cells.size() < ranges.count());
                }
            });
        }

        /** Killed and opened again; sessions come back, what was in doubt is theirs, or free. */
        private void restart() {
            for (PreparedSettlement undecided : prepared) {
                Map<Long, Cell> cells = inDoubt(undecided.ranges());
                cells.values().forEach(cell -> cell.inDoubt = false);
                if (!undecided.session().equals(key((int) undecided.session().connection()))) {
                    free(cells);
                }
            }
            prepared.clear();
            bench.kill();
            bench.clean = true;
            bench.open();
            for (int session = 0; session < SESSIONS; session++) {
                int credit = consumers[session].credit;
                attach(session);
                consumers[session].credit = credit;
                RecordingConsumer back = consumers[session];
                bench.run(() -> bench.group().wake(back));
                learnPushes();
            }
        }

        private Map<Long, Cell> held(int session, OffsetRanges ranges) {
            TreeMap<Long, Cell> cells = new TreeMap<>(model);
            cells.entrySet()
                    .removeIf(each -> each.getValue().holder != session
                            || each.getValue().settled
                            || each.getValue().inDoubt
                            || !ranges.contains(each.getKey()));
            return cells;
        }

        private Map<Long, Cell> inDoubt(OffsetRanges ranges) {
            TreeMap<Long, Cell> cells = new TreeMap<>(model);
            cells.entrySet().removeIf(each -> !each.getValue().inDoubt || !ranges.contains(each.getKey()));
            return cells;
        }

        private void free(Map<Long, Cell> cells) {
            cells.values().forEach(cell -> {
                if (!cell.settled) {
                    cell.count += cell.marked ? 1 : 0;
                }
                cell.marked = false;
                cell.holder = -1;
            });
        }

        /** What was pushed must have been free; the lowest first. */
        private void learnPushes() {
            for (int session = 0; session < SESSIONS; session++) {
                List<RecordingConsumer.Got> got = consumers[session].got;
                for (; seen[session] < got.size(); seen[session]++) {
                    RecordingConsumer.Got each = got.get(seen[session]);
                    Cell cell = model.computeIfAbsent(each.offset(), offset -> new Cell());
                    assertEquals(-1, cell.holder, "held: " + each);
                    assertEquals(false, cell.settled, "settled: " + each);
                    assertEquals(cell.count + 1, each.count(), "count of " + each);
                    cell.holder = session;
                }
            }
        }

        private void check() {
            GroupStatistics statistics = bench.group().statistics();
            long held = model.values().stream().filter(cell -> cell.holder >= 0).count();
            long settled = model.values().stream().filter(cell -> cell.settled).count();
            assertEquals(held, statistics.acquired(), () -> bench.group().toString());
            assertEquals(settled, statistics.settledTotal());
            assertEquals(bench.log.endOffset() - held - settled, statistics.waiting());
            for (RecordingConsumer consumer : consumers) {
                boolean full = statistics.acquired() + unsettledBelowNext() >= 40;
                if (consumer.credit > 0 && !full) {
                    assertEquals(0, statistics.waiting(), "waits although a consumer has credit");
                }
            }
        }

        private long unsettledBelowNext() {
            return model.values().stream()
                    .filter(cell -> !cell.settled && cell.holder < 0)
                    .count();
        }
    }
}
