package io.penstock.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.penstock.process.BrokerCluster;
import io.penstock.process.Waiting;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.LoggerFactory;

/**
 * A cluster under all loads, on which faults are let loose one after another; then the history is checked. After each fault
 * every load must go on by itself. The test's thread.
 */
final class FaultRun {
    /** So many successes of each pulse show that it is well. */
    private static final int STEP = 20;
    /** Within which everything is well again; twice the longest time that a client waits for one answer. */
    private static final long WELL_SECONDS = 90;
    /** After everything has come, whatever should not come has time to. */
    private static final long AFTERWARDS_MILLIS = 3_000;

    private final Path directory;
    private final Course course;
    private final List<Load> loads;
    private final List<FaultReport.Row> rows = new ArrayList<>();

    /** @param directory where the history goes when something is wrong with it */
    FaultRun(BrokerCluster cluster, Path directory, String queue) {
        this.directory = directory;
        course = new Course(cluster);
        loads = List.of(
                new JmsQueueLoad(course, queue, Session.AUTO_ACKNOWLEDGE),
                new JmsQueueLoad(course, queue + "-client", Session.CLIENT_ACKNOWLEDGE),
                new JmsQueueLoad(course, queue + "-transacted", Session.SESSION_TRANSACTED),
                new JmsTopicLoad(course, "prices"),
                new JmsMoveLoad(course, "moved"),
                new KafkaLogLoad(course, "log"),
                new KafkaTransactionsLoad(course, "pairs"));
    }

    static BrokerCluster cluster(Path directory, int keepers) throws Exception {
        // Kafka's clients tell of every attempt to connect, and there are many.
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.INFO);
        ((Logger) LoggerFactory.getLogger("org.apache.kafka")).setLevel(Level.ERROR);
        return BrokerCluster.start(
                directory,
                3,
                keepers,
                Map.of(
                        "zookeeper.session.timeout.ms",
                        Integer.toString(Faults.SESSION_MILLIS),
                        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
                        "2000"));
    }

    void begin() throws Exception {
        for (Load load : loads) {
            load.start();
        }
        awaitWell("at the beginning");
    }

    /** One fault, and what it did to each load. */
    void strike(Fault fault) throws Exception {
        System.out.printf("%tT %s%n", System.currentTimeMillis(), fault.name());
        long begin = System.nanoTime();
        fault.run(course.cluster());
        awaitWell(fault.name());
        course.cluster().awaitInSync();
        long end = System.nanoTime();
        Map<String, Long> gaps = new HashMap<>();
        for (Pulse pulse : course.pulses()) {
            gaps.put(pulse.name(), pulse.longestGapNanos(begin, end) / 1_000_000);
        }
        FaultReport.Row row = new FaultReport.Row(fault.name(), fault.gapMillisMax(), gaps);
        rows.add(row);
        System.out.println(row.text());
    }

    private void awaitWell(String when) throws InterruptedException {
        Map<Pulse, Integer> before = new HashMap<>();
        course.pulses().forEach(pulse -> before.put(pulse, pulse.count()));
        try {
            Waiting.until("all loads go on", WELL_SECONDS, () -> before.entrySet().stream()
                    .allMatch(each -> each.getKey().count() >= each.getValue() + STEP));
        } catch (AssertionError e) {
            List<String> still = new ArrayList<>();
            before.forEach((pulse, count) -> {
                if (pulse.count() < count + STEP) {
                    still.add(pulse.name() + " " + (pulse.count() - count));
                }
            });
            throw new AssertionError(when + ": these do not go on: " + still + "; " + course.troubles(), e);
        }
    }

    /** Lets everything come to its end, and demands that nothing is wrong. */
    FaultReport end() throws Exception {
        course.endSending();
        for (Load load : loads) {
            load.joinSenders();
        }
        boolean complete = awaitComplete();
        TimeUnit.MILLISECONDS.sleep(AFTERWARDS_MILLIS);
        course.endReading();
        for (Load load : loads) {
            load.finish();
        }
        HistoryChecker checker = new HistoryChecker(course.history());
        loads.forEach(load -> check(load, checker));
        FaultReport report = FaultReport.of(rows, loads, checker);
        System.out.println(report.text());
        List<String> found = new ArrayList<>(course.troubles());
        for (HistoryChecker.Violation violation : checker.violations()) {
            found.add(violation.text()
                    + course.story(violation.stream(), violation.numbers().get(0)));
        }
        if (!found.isEmpty()) {
            course.writeHistory(directory.resolve("history.txt"));
        }
        assertTrue(found.isEmpty(), () -> (complete ? "" : "not complete in time; ") + String.join("\n", found));
        return report;
    }

    private static void check(Load load, HistoryChecker checker) {
        load.promises().forEach(checker::check);
        load.check(checker);
    }

    /** Until readers have had everything; what lies in logs is read later. */
    private boolean awaitComplete() throws InterruptedException {
        BooleanSupplier complete = () -> {
            HistoryChecker checker = new HistoryChecker(course.history());
            for (Load load : loads) {
                load.promises().stream()
                        .filter(promise -> !promise.subscription().equals(KafkaClients.LOG))
                        .forEach(checker::checkLost);
                load.checkComplete(checker);
            }
            return checker.violations().isEmpty();
        };
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(WELL_SECONDS);
        while (!complete.getAsBoolean()) {
            if (System.nanoTime() - limit > 0) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(300);
        }
        return true;
    }
}
