package io.penstock.cli.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code penstock cluster demo}: a cluster under load whose leaders are killed, one in every half minute: first one that
 * is not the controller, then the controller. Exit code 0 only if nothing was lost or came twice and no producer had to
 * wait for longer than the limit.
 */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Three brokers on a ZooKeeper ensemble, JMS and Kafka clients at work; a leader is killed and comes back.",
            "Exit code 0 only if nothing was lost or duplicated and no producer waited longer than 3 s."
        })
public final class ClusterDemoCommand implements Callable<Integer> {
    private static final DemoLoad.Rates RATES = new DemoLoad.Rates(500, 1000, 500);
    private static final Duration ROUND = Duration.ofSeconds(30);
    /** A producer that has had no success for so long has not got over it yet. */
    private static final long STANDS_MILLIS = 250;

    @Mixin
    private DemoOptions options;

    @Option(
            names = "--at-least",
            hidden = true,
            defaultValue = "5000",
            description = "how many messages must pass (default ${DEFAULT-VALUE})")
    private long messagesMin;

    @Option(
            names = "--gap",
            hidden = true,
            defaultValue = "3000",
            description = "milliseconds that a producer may wait (default ${DEFAULT-VALUE})")
    private long gapMillisMax;

    private final PrintStream out = System.out;
    private final List<Fault> faults = new ArrayList<>();
    private DemoCluster cluster;
    private DemoLoad load;
    private LiveView view;
    private ClusterWatch watch;
    private long beginNanos;

    /** One kill, and what came of it. */
    private static final class Fault {
        final int broker;
        final String text;
        long gapMillis;
        boolean healed;
        boolean backInSync;

        Fault(int broker, String text) {
            this.broker = broker;
            this.text = text;
        }
    }

    @Override
    public Integer call() throws Exception {
        boolean passed = false;
        try (DemoPlace place = new DemoPlace(options.keep)) {
            try {
                passed = run(place);
            } finally {
                place.tell(passed, out);
            }
        }
        return passed ? 0 : 1;
    }

    private boolean run(DemoPlace place) throws Exception {
        out.println("Starting a ZooKeeper ensemble of three and three brokers ...");
        long begin = System.nanoTime();
        cluster = DemoCluster.start(place);
        out.printf("serving at %s after %d ms.%n", cluster.bootstrap(), millisSince(begin));
        out.println("JMS producers and consumers on a queue and a topic, Kafka clients on the same records: three");
        out.println("partitions each, three replicas. A leader gets SIGKILL; nothing that was confirmed may be lost.");
        out.println();
        load = new DemoLoad(
                out, cluster::factory, new NativeClients(cluster.bootstrap()), DemoCluster.SIZE, messagesMin);
        load.start(RATES);
        double seconds;
        try (ClusterWatch watching = new ClusterWatch(cluster.bootstrap(), List.of(DemoLoad.ORDERS, DemoLoad.PRICES))) {
            watch = watching;
            view = new LiveView(out, System.console() != null, load.flows(), this::status);
            beginNanos = System.nanoTime();
            int rounds = (int) Math.max(1, options.duration.dividedBy(ROUND));
            long roundNanos = options.duration.toNanos() / rounds;
            for (int round = 0; round < rounds; round++) {
                round(round, beginNanos + round * roundNanos, roundNanos);
            }
            long latest = System.nanoTime() + TimeUnit.SECONDS.toNanos(DemoLoad.SETTLE_LIMIT_SECONDS);
            showUntil(() -> load.isEnough(), latest);
            seconds = millisSince(beginNanos) / 1e3;
            load.finish();
        }
        return summary(seconds);
    }

    /** Works for a while, kills a leader, works without it, has it back, works. */
    private void round(int round, long begin, long nanos) throws Exception {
        showUntil(() -> false, begin + nanos * 3 / 10);
        showUntil(() -> watch.state().allInSync(DemoCluster.SIZE), limit());
        Fault fault = kill(round);
        showUntil(() -> false, begin + nanos * 55 / 100);
        restart(fault);
        showUntil(() -> false, begin + nanos);
        fault.gapMillis = longestPauseMillis();
    }

    private Fault kill(int round) throws InterruptedException {
        ClusterWatch.State state = watch.state();
        int victim = victim(state, round % 2 == 1);
        DemoBroker broker = cluster.broker(victim);
        List<String> led = state.lines().stream()
                .filter(line -> line.leader() == victim)
                .map(line -> line.topic() + "-" + line.partition())
                .toList();
        String text = "broker " + victim + ", leader of " + String.join(", ", led)
                + (victim == state.controller() ? " and controller" : "");
        Fault fault = new Fault(victim, text);
        faults.add(fault);
        load.tracks().forEach(track -> track.pause.look());
        long begin = System.nanoTime();
        broker.kill();
        view.event("SIGKILL to process " + broker.pid() + ": " + text);
        fault.healed = showUntil(
                () -> watch.state().isLedWithout(victim)
                        && load.tracks().stream().allMatch(track -> track.pause.sinceMillis() < STANDS_MILLIS),
                limit());
        view.event(
                fault.healed
                        ? "others lead, and every producer goes on; the longest wait was " + longestPauseMillis()
                                + " ms"
                        : "not every producer goes on, " + millisSince(begin) + " ms after the kill");
        return fault;
    }

    /** Who leads a part of the queue, and is the controller or is not. */
    private static int victim(ClusterWatch.State state, boolean controller) {
        List<Integer> leaders = state.lines().stream()
                .filter(line -> line.topic().equals(DemoLoad.ORDERS))
                .map(ClusterWatch.Line::leader)
                .toList();
        return leaders.stream()
                .filter(id -> id >= 0 && (id == state.controller()) == controller)
                .findFirst()
                .orElseGet(() -> leaders.get(0));
    }

    private void restart(Fault fault) throws Exception {
        DemoBroker broker = cluster.broker(fault.broker);
        long begin = System.nanoTime();
        broker.begin();
        view.event("broker " + fault.broker + " is started again");
        showUntil(broker::isDecided, limit());
        broker.awaitServing();
        view.event("broker " + fault.broker + " serves again, " + millisSince(begin) + " ms after its start");
        begin = System.nanoTime();
        fault.backInSync = showUntil(() -> watch.state().allInSync(DemoCluster.SIZE), limit());
        view.event(
                fault.backInSync
                        ? "broker " + fault.broker + " has caught up: all replicas are in sync, " + millisSince(begin)
                                + " ms later"
                        : "broker " + fault.broker + " is not in sync after " + millisSince(begin) + " ms");
    }

    private static long limit() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(DemoLoad.SETTLE_LIMIT_SECONDS);
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }

    private long longestPauseMillis() {
        return load.tracks().stream()
                .mapToLong(track -> track.pause.longestMillis())
                .max()
                .orElse(0);
    }

    /** Goes on, with the view drawn, until the condition holds or the time has come; whether it held. */
    private boolean showUntil(BooleanSupplier condition, long untilNanos) throws InterruptedException {
        long nextTick = System.nanoTime();
        while (System.nanoTime() < untilNanos) {
            if (condition.getAsBoolean()) {
                return true;
            }
            if (System.nanoTime() >= nextTick) {
                view.tick(millisSince(beginNanos) / 1000, options.duration.toSeconds());
                nextTick += TimeUnit.MILLISECONDS.toNanos(500);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return condition.getAsBoolean();
    }

    private List<String> status() {
        ClusterWatch.State state = watch.state();
        List<String> lines = new ArrayList<>();
        lines.add("controller: broker " + state.controller());
        for (String topic : List.of(DemoLoad.ORDERS, DemoLoad.PRICES)) {
            lines.add(state.lines().stream()
                    .filter(line -> line.topic().equals(topic))
                    .map(line -> line.partition() + " led by " + line.leader() + ", in sync " + line.inSync())
                    .collect(Collectors.joining("   ", topic + ": ", "")));
        }
        return lines;
    }

    private boolean summary(double seconds) {
        boolean good = load.summary(seconds);
        for (Fault fault : faults) {
            boolean inTime = fault.healed && fault.gapMillis <= gapMillisMax;
            load.verdict(
                    inTime,
                    "killed " + fault.text + ": no producer waited longer than " + fault.gapMillis + " ms (allowed: "
                            + gapMillisMax + ")");
            load.verdict(fault.backInSync, "broker " + fault.broker + " came back and is in sync");
            good &= inTime && fault.backInSync;
        }
        return good;
    }
}
