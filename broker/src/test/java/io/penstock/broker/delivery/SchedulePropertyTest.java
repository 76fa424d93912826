package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Rule 19: never early, and on time, in simulated time. */
class SchedulePropertyTest {

    private static final long LATE_MILLIS_MAX = 2;

    private final Map<Long, Long> waiting = new HashMap<>();
    private SimulatedTime time;
    private Schedule schedule;
    private long lateMillisMax;

    private void open(long seed) {
        time = new SimulatedTime(seed);
        SimulatedOwner owner = new SimulatedOwner(time, "owner");
        DeliveryContext context = new DeliveryContext(owner, time, DeliveryConfig.defaults(), true);
        schedule = new Schedule(context, owner, Runnable::run, this::due);
        waiting.clear();
    }

    private void due(OffsetRanges offsets) {
        for (int i = 0; i < offsets.size(); i++) {
            for (long offset = offsets.first(i); offset <= offsets.last(i); offset++) {
                Long due = waiting.remove(offset);
                assertTrue(due != null, "offset " + offset + " is told twice");
                assertTrue(due <= time.millis(), "early");
                lateMillisMax = Math.max(lateMillisMax, time.millis() - due);
            }
        }
    }

    private void add(long offset, long dueMillis) {
        waiting.put(offset, dueMillis);
        schedule.add(offset, dueMillis);
    }

    @Property(tries = 100)
    void tellsEachOnTimeAndOnce(@ForAll long seed) {
        open(seed);
        Random random = new Random(seed);
        long offset = 0;
        for (int step = 0; step < 50; step++) {
            for (int i = random.nextInt(40); i > 0; i--) {
                add(offset++, time.millis() + random.nextInt(random.nextBoolean() ? 50 : 20_000));
            }
            time.runFor(random.nextInt(500) * 1_000_000L);
            waiting.values().forEach(due -> assertTrue(due >= time.millis() - LATE_MILLIS_MAX, "late"));
        }
        time.runFor(30_000_000_000L);
        assertTrue(waiting.isEmpty());
        assertTrue(lateMillisMax <= LATE_MILLIS_MAX, "late by " + lateMillisMax);
        assertEquals(0, schedule.size());
    }

    @Property(tries = 50)
    void keepsTheEarlierHalf(@ForAll long seed) {
        open(seed);
        Random random = new Random(seed);
        int count = 2 + random.nextInt(5_000);
        int spread = 1 + random.nextInt(100_000);
        for (int i = 0; i < count; i++) {
            add(i, time.millis() + 1 + random.nextInt(spread));
        }
        Schedule.Due first = schedule.keepEarlier();
        waiting.entrySet().removeIf(entry -> !first.isAfter(entry.getValue(), entry.getKey()));
        assertEquals(waiting.size(), schedule.size());
        assertTrue(count < 10 || schedule.size() > count / 4 && schedule.size() < 3 * count / 4 + 2);
        time.runFor(200_000_000_000L);
        assertTrue(waiting.isEmpty());
        assertTrue(lateMillisMax <= LATE_MILLIS_MAX);
    }

    @Example
    void aClockThatJumpsBackMakesNothingEarlyAndOneThatJumpsAheadIsNoticed() {
        open(1);
        add(1, time.millis() + 1_000);
        add(2, time.millis() + 3_600_000);
        time.jumpWallClock(-500);
        time.runFor(1_400_000_000L);
        assertEquals(2, waiting.size());
        time.runFor(200_000_000L);
        assertEquals(1, waiting.size());
        time.jumpWallClock(3_600_000);
        time.runFor(5_100_000_000L);
        assertTrue(waiting.isEmpty());
    }

    @Example
    void aMillionDueAtOnceAreToldInPieces() {
        open(2);
        for (long offset = 0; offset < 1_000_000; offset++) {
            schedule.add(offset, time.millis() + 100);
            waiting.put(offset, time.millis() + 100);
        }
        time.runFor(3_000_000_000L);
        assertTrue(waiting.isEmpty());
    }

    @Example
    void nothingRunsWithoutEntries() {
        open(3);
        add(1, time.millis() + 10);
        time.runFor(100_000_000L);
        long events = time.eventsRun();
        time.runFor(3_600_000_000_000L);
        assertEquals(events, time.eventsRun());
        schedule.add(2, time.millis() + 1_000);
        schedule.close();
        time.runFor(2_000_000_000L);
        assertTrue(waiting.isEmpty());
    }
}
