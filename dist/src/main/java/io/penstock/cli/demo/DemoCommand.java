package io.penstock.cli.demo;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.ConnectionFactory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
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
    private static final String ORDERS = "orders";
    private static final String PRICES = "prices";
    /** How long slow machines may take beyond the asked time. */
    private static final long SETTLE_LIMIT_SECONDS = 60;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = DurationConverter.class,
            description = "how long, as in 20s or 2m (default ${DEFAULT-VALUE})")
    private Duration duration;

    @Option(names = "--keep", description = "keep the broker's data and log when it ends")
    private boolean keep;

    @Option(
            names = "--at-least",
            hidden = true,
            defaultValue = "50000",
            description = "how many messages must pass (default ${DEFAULT-VALUE})")
    private long messagesMin;

    private final PrintStream out = System.out;
    private final Map<String, Track> orders = new ConcurrentHashMap<>();
    private final Map<String, Track> prices = new ConcurrentHashMap<>();
    private final List<Flow> flows = new ArrayList<>();
    private final List<Worker> senders = new ArrayList<>();
    private final List<Receiver> receivers = new ArrayList<>();
    /** Of those who send, and of the others. */
    private final List<Thread> sending = new ArrayList<>();

    private final List<Thread> threads = new ArrayList<>();

    /** Reads {@code 20s}, {@code 2m} or ISO durations. */
    static final class DurationConverter implements CommandLine.ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            String iso = text.startsWith("P") ? text : "PT" + text;
            try {
                Duration duration = Duration.parse(iso);
                if (duration.toSeconds() >= 5) {
                    return duration;
                }
            } catch (java.time.format.DateTimeParseException e) {
                throw new CommandLine.TypeConversionException("'" + text + "' is not a time such as 20s or 2m");
            }
            throw new CommandLine.TypeConversionException("the demo needs 5 seconds at least");
        }
    }

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("penstock-demo");
        boolean passed = false;
        try (DemoBroker broker = new DemoBroker(directory)) {
            passed = run(broker);
        } finally {
            if (keep || !passed) {
                out.println("The broker's data and log are in " + directory);
            } else {
                delete(directory);
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

        ConnectionFactory factory = new PenstockConnectionFactory(broker.url());
        NativeClients natives = new NativeClients(broker.bootstrap());
        Flow nativeRead = startClients(factory, natives);
        LiveView view = new LiveView(out, System.console() != null, flows);

        long begin = System.nanoTime();
        long end = begin + duration.toNanos();
        long kill = begin + duration.toNanos() / 2;
        boolean killed = false;
        long latest = end + TimeUnit.SECONDS.toNanos(SETTLE_LIMIT_SECONDS);
        while (System.nanoTime() < end || (!isEnough() && System.nanoTime() < latest)) {
            TimeUnit.MILLISECONDS.sleep(500);
            if (!killed && System.nanoTime() >= kill) {
                killed = true;
                broker.kill();
                view.event("killed the broker with SIGKILL");
                long backMillis = broker.start();
                view.event("the broker was killed and serves again, " + backMillis + " ms after its start");
            }
            view.tick((System.nanoTime() - begin) / 1_000_000_000L, duration.toSeconds());
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        finish(natives, nativeRead);
        return summary(seconds);
    }

    private boolean isEnough() {
        return everybodyWorked() && passed() >= messagesMin;
    }

    private boolean everybodyWorked() {
        return flows.stream().allMatch(flow -> flow.count() > 0);
    }

    private long passed() {
        return flows.stream()
                .filter(flow -> flow.name.contains("consumer") || flow.name.contains("subscriber"))
                .mapToLong(Flow::count)
                .sum();
    }

    private Flow startClients(ConnectionFactory factory, NativeClients natives) throws InterruptedException {
        Flow durable = flow("prices: durable subscriber");
        receive(factory, "demo-desk", PRICES, Receiver.Source.DURABLE_SUBSCRIPTION, prices, durable);
        Flow plain = flow("prices: 2 plain subscribers");
        receive(factory, null, PRICES, Receiver.Source.PLAIN_SUBSCRIPTION, Map.of(), plain);
        receive(factory, null, PRICES, Receiver.Source.PLAIN_SUBSCRIPTION, Map.of(), plain);
        Flow consumed = flow("orders: 3 competing JMS consumers");
        for (int i = 0; i < 3; i++) {
            receive(factory, null, ORDERS, Receiver.Source.QUEUE, orders, consumed);
        }
        // The durable subscription exists before the first price is sent, so that it misses none.
        for (Receiver receiver : receivers) {
            receiver.awaitAttached();
        }

        Flow blocking = flow("orders: 2 JMS producers, blocking send");
        send(factory, ORDERS, false, 1, 3000, blocking);
        send(factory, ORDERS, false, 1, 3000, blocking);
        Flow async = flow("prices: JMS publisher, async send");
        send(factory, PRICES, true, 500, 4000, async);

        Flow nativeSent = flow("orders: Kafka producer");
        Track track = new Track("kafka");
        orders.put(track.name, track);
        sending.add(natives.startProducer(ORDERS, 1000, track, nativeSent));
        Flow nativeRead = flow("orders: Kafka consumer (plain reader)");
        threads.add(natives.startConsumer(ORDERS, Map.of(), nativeRead));
        return nativeRead;
    }

    private Flow flow(String name) {
        Flow flow = new Flow(name);
        flows.add(flow);
        return flow;
    }

    private void receive(
            ConnectionFactory factory,
            String clientId,
            String destination,
            Receiver.Source source,
            Map<String, Track> tracks,
            Flow flow) {
        Receiver receiver = new Receiver(factory, clientId, destination, source, tracks, flow);
        receivers.add(receiver);
        threads.add(receiver.start("demo-receiver-" + receivers.size()));
    }

    private void send(ConnectionFactory factory, String destination, boolean topic, int window, int rate, Flow flow) {
        Map<String, Track> tracks = topic ? prices : orders;
        Track track = new Track(destination + "-" + tracks.size());
        tracks.put(track.name, track);
        Sender sender = new Sender(factory, destination, topic, window, rate, track, flow);
        senders.add(sender);
        sending.add(sender.start("demo-sender-" + senders.size()));
    }

    /** Stops the senders, lets the receivers catch up, then stops them too. */
    private void finish(NativeClients natives, Flow nativeRead) throws InterruptedException {
        senders.forEach(Worker::stop);
        natives.stop();
        // What is under way may still be confirmed, and has to be received then.
        for (Thread thread : sending) {
            thread.join(TimeUnit.SECONDS.toMillis(SETTLE_LIMIT_SECONDS));
        }
        await(() -> Stream.concat(orders.values().stream(), prices.values().stream())
                .allMatch(track -> track.missing() == 0));
        receivers.forEach(Worker::stop);
        for (Thread thread : threads) {
            thread.join(5000);
        }
        if (nativeRead.count() == 0) {
            out.println("The Kafka consumer read nothing.");
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLE_LIMIT_SECONDS);
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private boolean summary(double seconds) {
        out.println();
        out.println("Summary of " + Math.round(seconds) + " s:");
        flows.forEach(flow -> out.println("  " + flow.total(seconds)));
        long missing = 0;
        long confirmed = 0;
        long cameBack = 0;
        long repeats = 0;
        long notFlagged = 0;
        for (Track track : Stream.concat(orders.values().stream(), prices.values().stream())
                .toList()) {
            confirmed += track.confirmedCount();
            missing += track.missing();
            cameBack += track.settledThatCameBack();
            repeats += track.repeats();
            notFlagged += track.repeatsNotFlagged();
        }
        List<Exception> failures = Stream.concat(senders.stream(), receivers.stream())
                .map(Worker::failure)
                .filter(java.util.Objects::nonNull)
                .toList();
        out.println();
        verdict(
                missing == 0,
                String.format("%,d sends were confirmed, %,d of them were not received", confirmed, missing));
        if (missing > 0) {
            Stream.concat(orders.values().stream(), prices.values().stream())
                    .filter(track -> track.missing() > 0)
                    .forEach(track -> out.println("          " + track.missingRanges()));
        }
        verdict(cameBack == 0, String.format("%,d messages came back after they were acknowledged", cameBack));
        verdict(
                notFlagged == 0,
                String.format("%,d repeats after the kill, %,d of them without JMSRedelivered", repeats, notFlagged));
        long passed = passed();
        verdict(passed >= messagesMin, String.format("%,d messages were delivered", passed));
        verdict(everybodyWorked(), "every client sent or received");
        verdict(
                failures.isEmpty(),
                "no client failed but for the broker's death" + (failures.isEmpty() ? "" : ": " + failures));
        out.println();
        out.println("Where to go next: ./penstock start, then connect with JMS (README.md, \"Connect with JMS\")");
        out.println("or with any Kafka client; samples/ has small programs to start from.");
        return missing == 0 && cameBack == 0 && notFlagged == 0 && isEnough() && failures.isEmpty();
    }

    private void verdict(boolean good, String text) {
        out.println((good ? "  ok      " : "  FAILED  ") + text);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
