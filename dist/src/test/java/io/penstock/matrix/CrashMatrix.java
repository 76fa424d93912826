package io.penstock.matrix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.PenstockConnectionFactory;
import io.penstock.jms.PenstockXAConnectionFactory;
import io.penstock.process.BrokerProcess;
import io.penstock.process.JvmProcess;
import io.penstock.process.Waiting;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import jakarta.jms.XAJMSContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each point of two-phase commit, with either side enlisted first: the application dies there, or the broker does. After recovery
 * a message is in the queue if and only if its row is in the table and its order is gone; nothing is in doubt; and meanwhile
 * another client's messages went through the same queues (rules 30 and 31, invariants 20 to 23).
 */
@Timeout(3600)
class CrashMatrix {
    private static final int ROUNDS = Integer.getInteger("matrix.rounds", 1);
    /** On a quiet machine nothing is held up for a second; this test runs on all kinds. */
    private static final double HELD_UP_SECONDS = Double.parseDouble(System.getProperty("matrix.heldUpSeconds", "20"));

    private static final int ENDED_SECONDS = 180;
    private static final int RECEIVE_MILLIS = 300;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private final List<String> lines = new ArrayList<>();
    private final Set<Integer> returned = new TreeSet<>();
    private BrokerProcess broker;
    private Bystander bystander;
    private int number;

    /** One transaction of the matrix. */
    private record Case(CommitPoint point, Death death, boolean databaseFirst) {
        boolean applicationDies() {
            return death == Death.APPLICATION;
        }

        /** Before all votes are there the client may go on with a broker that came back within the session's time, or roll back. */
        boolean allows(boolean committed) {
            if (!applicationDies() && point.compareTo(CommitPoint.ALL_PREPARED) < 0) {
                return true;
            }
            // With all votes it decides, though the broker is gone; without its own memory it must have been written.
            boolean decided = applicationDies() ? point.decided() : point.compareTo(CommitPoint.ALL_PREPARED) >= 0;
            return decided == committed;
        }

        @Override
        public String toString() {
            return death + " " + point + ", " + (databaseFirst ? "database" : "Penstock") + " first";
        }
    }

    @BeforeEach
    void open() throws Exception {
        broker = new BrokerProcess(directory.resolve("broker"));
        broker.start();
        bystander = new Bystander(broker.url(), MatrixApplication.DONE);
    }

    @AfterEach
    void close() throws Exception {
        System.out.println(String.join("\n", lines));
        bystander.close();
        broker.close();
    }

    @Test
    void bothSidesAgreeWhereverTheApplicationDies() throws Exception {
        matrix(Death.APPLICATION);
    }

    @Test
    void bothSidesAgreeWhereverTheBrokerDies() throws Exception {
        matrix(Death.BROKER);
    }

    @Test
    void bothSidesAgreeWhereverTheBrokerDiesAndItsClientGivesUp() throws Exception {
        matrix(Death.BROKER_AND_CONNECTION);
    }

    private void matrix(Death death) throws Exception {
        List<Integer> rows = List.of();
        for (int round = 0; round < ROUNDS; round++) {
            for (CommitPoint point : CommitPoint.values()) {
                // Both orders at each point within two rounds, and both in each.
                boolean databaseFirst = (round + point.ordinal()) % 2 == 0;
                rows = transaction(new Case(point, death, databaseFirst));
            }
        }
        // What came late would be here.
        takeOrders();
        for (int order = 1; order <= number; order++) {
            assertEquals(!rows.contains(order), returned.contains(order), "order " + order + " is there or done");
        }
        assertEquals(rows.stream().map(String::valueOf).collect(Collectors.toList()), bystander.taken());
    }

    /** @return the rows after its recovery */
    private List<Integer> transaction(Case crash) throws Exception {
        number++;
        sendOrder(Integer.toString(number));
        bystander.longestSeconds();
        long begun = System.nanoTime();
        String answer = crash.applicationDies() ? killApplication(crash) : killBroker(crash);
        double heldUp = takeOrders();
        List<String> output = read(program(MatrixRecovery.class, broker.url(), directory.toString()), 0);
        String scans = last(output, MatrixRecovery.SCANS);
        List<Integer> rows = new ArrayList<>();
        for (String row : last(output, MatrixRecovery.ROWS).split(" ")) {
            if (!row.isEmpty()) {
                rows.add(Integer.parseInt(row));
            }
        }
        boolean committed = rows.contains(number);
        String expected = Integer.toString(number);
        if (committed) {
            Waiting.until("message " + expected, 60, () -> bystander.taken().contains(expected));
        } else {
            Waiting.until("order " + expected + " again", 60, () -> {
                takeOrders();
                return returned.contains(number);
            });
        }
        long probes = bystander.probes();
        Waiting.until("a probe after all", 60, () -> bystander.probes() > probes + 1);
        double longest = bystander.longestSeconds();
        lines.add(String.format(
                "%3d %-90s %-11s %-12s %s scans, probes waited %.1f s and %.1f s, %.1f s in all",
                number,
                crash,
                committed ? "committed" : "rolled back",
                answer,
                scans,
                longest,
                heldUp,
                (System.nanoTime() - begun) / 1e9));
        assertEquals(committed, bystander.taken().contains(expected), crash + ": message and row");
        assertEquals(!committed, returned.contains(number), crash + ": order and row");
        assertTrue(crash.allows(committed), crash + ": committed " + committed);
        assertFalse(
                answer.equals(MatrixApplication.COMMITTED) && !committed, crash + ": it was told that it is committed");
        assertFalse(answer.equals(MatrixApplication.ROLLED_BACK) && committed, crash + ": it was told of a rollback");
        assertEquals(0, inDoubt(), crash.toString());
        if (crash.applicationDies()) {
            assertTrue(longest < HELD_UP_SECONDS, crash + ": a consumer was held up for " + longest + " s");
            assertTrue(heldUp < HELD_UP_SECONDS, crash + ": orders were held up for " + heldUp + " s");
            assertEquals(List.of(), bystander.troubles());
        }
        return rows;
    }

    private String killApplication(Case crash) throws Exception {
        read(application(crash), MatrixApplication.DEAD);
        return "-";
    }

    private String killBroker(Case crash) throws Exception {
        JvmProcess application = application(crash);
        BufferedReader output = new BufferedReader(new InputStreamReader(application.output(), UTF_8));
        for (String line = output.readLine(); !MatrixApplication.AT_POINT.equals(line); line = output.readLine()) {
            assertTrue(line != null, () -> crash + ": it ended with " + application);
        }
        broker.kill();
        application.input().write('\n');
        application.input().flush();
        broker.start();
        List<String> rest = output.lines().collect(Collectors.toList());
        assertEquals(0, application.exit(ENDED_SECONDS));
        return rest.get(rest.size() - 1);
    }

    private JvmProcess application(Case crash) throws IOException {
        return program(
                MatrixApplication.class,
                broker.url() + crash.death().options(),
                directory.toString(),
                crash.point().name(),
                Boolean.toString(crash.applicationDies()),
                Boolean.toString(crash.databaseFirst()));
    }

    private JvmProcess program(Class<?> main, String... arguments) throws IOException {
        List<String> program = new ArrayList<>(List.of(main.getName()));
        program.addAll(List.of(arguments));
        return JvmProcess.start(
                List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                program,
                directory.resolve(main.getSimpleName() + ".err"));
    }

    private static List<String> read(JvmProcess process, int exit) throws Exception {
        try (BufferedReader output = new BufferedReader(new InputStreamReader(process.output(), UTF_8))) {
            List<String> read = output.lines().collect(Collectors.toList());
            assertEquals(exit, process.exit(ENDED_SECONDS), () -> "it printed " + read);
            return read;
        }
    }

    private static String last(List<String> output, String start) {
        return output.stream()
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length()))
                .reduce((first, second) -> second)
                .orElseThrow(() -> new AssertionError("no " + start + "in " + output));
    }

    private void sendOrder(String body) {
        try (JMSContext context = new PenstockConnectionFactory(broker.url()).createContext()) {
            context.createProducer().send(context.createQueue(MatrixApplication.ORDERS), body);
        }
    }

    /** Takes what others can have of the orders, a probe behind them included. @return seconds until that came */
    private double takeOrders() throws Exception {
        long begun = System.nanoTime();
        try (JMSContext context = new PenstockConnectionFactory(broker.url()).createContext()) {
            JMSConsumer consumer = context.createConsumer(context.createQueue(MatrixApplication.ORDERS));
            String probe = "-" + begun;
            context.createProducer().send(context.createQueue(MatrixApplication.ORDERS), probe);
            for (boolean came = false; !came; ) {
                Message message = consumer.receive(RECEIVE_MILLIS);
                String body = message == null ? "" : message.getBody(String.class);
                came = body.equals(probe);
                if (!body.isEmpty() && !body.startsWith("-")) {
                    assertTrue(returned.add(Integer.parseInt(body)), "order " + body + " came back twice");
                }
            }
        }
        return (System.nanoTime() - begun) / 1e9;
    }

    private int inDoubt() throws Exception {
        try (XAJMSContext context = new PenstockXAConnectionFactory(broker.url()).createXAContext()) {
            return context.getXAResource().recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN).length;
        }
    }
}
