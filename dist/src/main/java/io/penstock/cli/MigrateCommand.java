package io.penstock.cli;

import io.penstock.jms.PenstockDestination;
import io.penstock.protocol.jms.DestinationText;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock migrate}: queues of another JMS provider into Penstock (docs/migrate.md). */
@Command(
        name = "migrate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Takes the messages of another JMS provider's queues over, with ids, headers, properties and order."
                        + " At least once: after a failure run it again; a message that came twice has the same JMSMessageID.")
final class MigrateCommand implements Callable<Integer> {
    private static final long PROGRESS_MESSAGES = 10_000;

    private final PrintStream out = System.out;

    @Mixin
    private BrokerOption broker;

    @Mixin
    private MigrationSource source;

    @Option(
            names = "--queue",
            paramLabel = "NAME",
            required = true,
            arity = "1..*",
            description = "queues to take over")
    private List<String> queues;

    @Option(
            names = "--to",
            paramLabel = "NAME",
            description = "where a single queue goes, if not to a queue of its name; NAME?partitions=N, topic://NAME")
    private String to;

    @Option(
            names = "--max",
            paramLabel = "N",
            defaultValue = "" + Long.MAX_VALUE,
            description = "of each queue at most")
    private long max;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "100",
            description = "messages of one transaction (default ${DEFAULT-VALUE})")
    private int batch;

    @Option(
            names = "--idle",
            paramLabel = "SECONDS",
            defaultValue = "3",
            description = "a queue is empty when nothing comes for so long (default ${DEFAULT-VALUE})")
    private int idleSeconds;

    @Option(names = "--dry-run", description = "count by a browser, change nothing")
    private boolean dryRun;

    @Option(names = "--keep", description = "copy by a browser, leave the messages where they are")
    private boolean keep;

    private long toldAt;

    @Override
    public Integer call() throws UsageException, IOException, JMSException {
        if (dryRun && keep || max < 1 || batch < 1 || batch > 10_000 || idleSeconds < 1) {
            throw new UsageException("--dry-run or --keep, --max and --idle from 1, --batch from 1 to 10000");
        }
        if (to != null && queues.size() > 1) {
            throw new UsageException("--to goes with a single --queue");
        }
        List<Destination> targets = new ArrayList<>();
        for (String queue : queues) {
            targets.add(target(to == null ? queue : to));
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (ProviderJars classes = source.classes()) {
            // Where the provider, its JNDI and its ObjectMessages look for classes.
            thread.setContextClassLoader(classes);
            try (Connection from = source.connect(classes)) {
                return run(from, targets);
            } catch (LinkageError e) {
                throw new UsageException("a class is missing in --jars: " + e.getMessage());
            }
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static Destination target(String text) throws UsageException {
        DestinationText parsed = DestinationText.parse(text);
        try {
            if (parsed != null) {
                return PenstockDestination.named(parsed.name(), parsed.kind() == DestinationText.Kind.TOPIC);
            }
        } catch (InvalidDestinationException e) {
            throw new UsageException(e.getMessage() + "; --to gives it another name here");
        }
        throw new UsageException("'" + text + "' names no destination");
    }

    private int run(Connection from, List<Destination> targets) throws UsageException, IOException, JMSException {
        AtomicReference<JMSException> lost = new AtomicReference<>();
        from.setExceptionListener(lost::set);
        from.start();
        if (dryRun) {
            for (String queue : queues) {
                out.printf("%s: %,d messages%n", queue, count(from, queue));
            }
            return 0;
        }
        long total = 0;
        try (Connection here = broker.connect()) {
            for (int i = 0; i < targets.size(); i++) {
                total += migrate(from, queues.get(i), here, targets.get(i));
                if (lost.get() != null) {
                    // A consumer of a lost connection may say that nothing is there.
                    throw lost.get();
                }
            }
        }
        out.printf("done: %,d messages of %d queue%s%n", total, targets.size(), targets.size() == 1 ? "" : "s");
        return 0;
    }

    private long migrate(Connection from, String queue, Connection here, Destination target) throws JMSException {
        try (Session sending = here.createSession(true, Session.SESSION_TRANSACTED);
                MessageProducer producer = sending.createProducer(target);
                Session receiving = keep
                        ? from.createSession(false, Session.AUTO_ACKNOWLEDGE)
                        : from.createSession(true, Session.SESSION_TRANSACTED)) {
            toldAt = PROGRESS_MESSAGES;
            Migration migration = new Migration(sending, producer, batch, max, done -> tell(queue, done));
            try {
                Queue origin = receiving.createQueue(queue);
                if (keep) {
                    try (QueueBrowser browser = receiving.createBrowser(origin)) {
                        migration.copy(browser.getEnumeration());
                    }
                } else {
                    try (MessageConsumer consumer = receiving.createConsumer(origin)) {
                        migration.drain(receiving, consumer, TimeUnit.SECONDS.toMillis(idleSeconds));
                    }
                }
            } finally {
                out.printf(
                        "%s -> %s: %,d messages %s%n", queue, target, migration.done(), keep ? "copied" : "taken over");
            }
            return migration.done();
        }
    }

    private void tell(String queue, long done) {
        // A batch may step over the mark.
        if (done >= toldAt) {
            out.printf("%s: %,d messages so far%n", queue, done);
            toldAt = done + PROGRESS_MESSAGES;
        }
    }

    private long count(Connection from, String queue) throws JMSException {
        try (Session session = from.createSession(false, Session.AUTO_ACKNOWLEDGE);
                QueueBrowser browser = session.createBrowser(session.createQueue(queue))) {
            long count = 0;
            for (Enumeration<?> browsed = browser.getEnumeration(); count < max && browsed.hasMoreElements(); count++) {
                browsed.nextElement();
            }
            return count;
        }
    }
}
