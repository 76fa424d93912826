package io.penstock.cli.demo;

import io.penstock.jms.PenstockConnectionFactory;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Runs the demo and judges it: exit code 0 only if every confirmed send was received, nothing settled came back, every
 * repeat was flagged, and enough messages passed.
 */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "JMS and Kafka clients at work on one log, with a broker that is killed in the middle.")
public final class DemoCommand implements Callable<Integer> {
    private static final DemoLoad.Rates RATES = new DemoLoad.Rates(3000, 4000, 1000);

    @Mixin
    private DemoOptions options;

    @Option(
            names = "--at-least",
            hidden = true,
            defaultValue = "50000",
            description = "how many messages must pass (default ${DEFAULT-VALUE})")
    private long messagesMin;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws Exception {
        boolean passed = false;
        try (DemoPlace place = new DemoPlace(options.keep)) {
            try {
                passed = run(new DemoBroker(place, place.directory(), List.of()));
            } finally {
                place.tell(passed, out);
            }
        }
        return passed ? 0 : 1;
    }

    private boolean run(DemoBroker broker) throws Exception {
        out.printf("Starting a broker with everything embedded ... ");
        long startMillis = broker.start();
        out.printf("serving at %s after %d ms.%n", broker.url(), startMillis);
        out.println("JMS producers and consumers on a queue and a topic, Kafka clients on the same records.");
        out.println("In the middle the broker gets SIGKILL; nothing that was confirmed may be lost.");
        out.println();

        PenstockConnectionFactory factory = new PenstockConnectionFactory(broker.url());
        DemoLoad load = new DemoLoad(out, () -> factory, new NativeClients(broker.address()), 1, messagesMin);
        load.start(RATES);
        LiveView view = new LiveView(out, System.console() != null, load.flows(), List::of);

        long begin = System.nanoTime();
        long end = begin + options.duration.toNanos();
        long kill = begin + options.duration.toNanos() / 2;
        boolean killed = false;
        long latest = end + TimeUnit.SECONDS.toNanos(DemoLoad.SETTLE_LIMIT_SECONDS);
        while (System.nanoTime() < end || (!load.isEnough() && System.nanoTime() < latest)) {
            TimeUnit.MILLISECONDS.sleep(500);
            if (!killed && System.nanoTime() >= kill) {
                killed = true;
                broker.kill();
                view.event("killed the broker with SIGKILL");
                long backMillis = broker.start();
                view.event("the broker was killed and serves again, " + backMillis + " ms after its start");
            }
            view.tick((System.nanoTime() - begin) / 1_000_000_000L, options.duration.toSeconds());
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        load.finish();
        boolean good = load.summary(seconds);
        out.println();
        out.println("Where to go next: ./penstock start, then connect with JMS (README.md, \"Connect with JMS\")");
        out.println("or with any Kafka client; samples/ has small programs to start from.");
        return good;
    }
}
