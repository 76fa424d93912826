package io.penstock.cli.demo;

import jakarta.jms.ConnectionFactory;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The clients of a demo, and what is known of every message of theirs: JMS producers and consumers on a queue, a
 * publisher and subscribers, Kafka clients on the same records. Used by the demo's thread.
 */
final class DemoLoad {
    static final String ORDERS = "orders";
    static final String PRICES = "prices";
    /** How long slow machines may take beyond the asked time. */
    static final long SETTLE_LIMIT_SECONDS = 60;

    private final PrintStream out;
    private final Supplier<ConnectionFactory> factories;
    private final NativeClients natives;
    private final int partitions;
    private final long messagesMin;
    private final Map<String, Track> orders = new ConcurrentHashMap<>();
    private final Map<String, Track> prices = new ConcurrentHashMap<>();
    private final List<Flow> flows = new ArrayList<>();
    private final List<Worker> senders = new ArrayList<>();
    private final List<Receiver> receivers = new ArrayList<>();
    /** Of those who send, and of the others. */
    private final List<Thread> sending = new ArrayList<>();

    private final List<Thread> threads = new ArrayList<>();
    private Flow nativeRead;

    /** Messages a second at the most: of each blocking producer, of the publisher, of the Kafka producer. */
    record Rates(int blocking, int async, int kafka) {}

    /**
     * @param factories asked once for each JMS client
     * @param partitions of queue and topic
     * @param messagesMin that must be delivered for a good end
     */
    DemoLoad(
            PrintStream out,
            Supplier<ConnectionFactory> factories,
            NativeClients natives,
            int partitions,
            long messagesMin) {
        this.out = out;
        this.partitions = partitions;
        this.factories = factories;
        this.natives = natives;
        this.messagesMin = messagesMin;
    }

    List<Flow> flows() {
        return flows;
    }

    /** One for each producer. */
    List<Track> tracks() {
        return Stream.concat(orders.values().stream(), prices.values().stream()).toList();
    }

    /** Whether every client has worked, and as much was delivered as was asked for. */
    boolean isEnough() {
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

    void start(Rates rates) throws InterruptedException {
        Flow durable = flow("prices: durable subscriber");
        receive("demo-desk", PRICES, Receiver.Source.DURABLE_SUBSCRIPTION, prices, durable);
        Flow plain = flow("prices: 2 plain subscribers");
        receive(null, PRICES, Receiver.Source.PLAIN_SUBSCRIPTION, Map.of(), plain);
        receive(null, PRICES, Receiver.Source.PLAIN_SUBSCRIPTION, Map.of(), plain);
        Flow consumed = flow("orders: 3 competing JMS consumers");
        for (int i = 0; i < 3; i++) {
            receive(null, ORDERS, Receiver.Source.QUEUE, orders, consumed);
        }
        // The durable subscription exists before the first price is sent, so that it misses none.
        for (Receiver receiver : receivers) {
            receiver.awaitAttached();
        }

        Flow blocking = flow("orders: 2 JMS producers, blocking send");
        send(ORDERS, false, 1, rates.blocking, blocking);
        send(ORDERS, false, 1, rates.blocking, blocking);
        Flow async = flow("prices: JMS publisher, async send");
        send(PRICES, true, 500, rates.async, async);

        Flow nativeSent = flow("orders: Kafka producer");
        Track track = new Track("kafka");
        orders.put(track.name, track);
        sending.add(natives.startProducer(ORDERS, rates.kafka, track, nativeSent));
        nativeRead = flow("orders: Kafka consumer (plain reader)");
        threads.add(natives.startConsumer(ORDERS, Map.of(), nativeRead));
    }

    private Flow flow(String name) {
        Flow flow = new Flow(name);
        flows.add(flow);
        return flow;
    }

    private void receive(
            String clientId, String destination, Receiver.Source source, Map<String, Track> tracks, Flow flow) {
        Receiver receiver = new Receiver(factories.get(), clientId, jmsName(destination), source, tracks, flow);
        receivers.add(receiver);
        threads.add(receiver.start("demo-receiver-" + receivers.size()));
    }

    private String jmsName(String destination) {
        return destination + "?partitions=" + partitions;
    }

    private void send(String destination, boolean topic, int window, int rate, Flow flow) {
        Map<String, Track> tracks = topic ? prices : orders;
        Track track = new Track(destination + "-" + tracks.size());
        tracks.put(track.name, track);
        Sender sender = new Sender(factories.get(), jmsName(destination), topic, window, rate, track, flow);
        senders.add(sender);
        sending.add(sender.start("demo-sender-" + senders.size()));
    }

    /** Stops the senders, lets the receivers catch up, then stops them too. */
    void finish() throws InterruptedException {
        tracks().forEach(track -> track.pause.stop());
        senders.forEach(Worker::stop);
        natives.stop();
        // What is under way may still be confirmed, and has to be received then.
        for (Thread thread : sending) {
            thread.join(TimeUnit.SECONDS.toMillis(SETTLE_LIMIT_SECONDS));
        }
        await(() -> tracks().stream().allMatch(track -> track.missing() == 0));
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

    /** Prints what has happened; true when everything is as it should be. After {@link #finish}. */
    boolean summary(double seconds) {
        out.println();
        out.println("Summary of " + Math.round(seconds) + " s:");
        flows.forEach(flow -> out.println("  " + flow.total(seconds)));
        long missing = 0;
        long confirmed = 0;
        long cameBack = 0;
        long repeats = 0;
        long notFlagged = 0;
        for (Track track : tracks()) {
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
            tracks().stream()
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
        return missing == 0 && cameBack == 0 && notFlagged == 0 && isEnough() && failures.isEmpty();
    }

    void verdict(boolean good, String text) {
        out.println((good ? "  ok      " : "  FAILED  ") + text);
    }
}
