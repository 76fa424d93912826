package io.penstock.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.PenstockConnectionFactory;
import io.penstock.process.BrokerProcess;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SIGKILL of a client that drains a queue as fast as it can (JMS-RULES 6): of what each of a line of such clients was handed,
 * those after it see the last message at the most, and nothing is lost. The moments are drawn at random, with the seed that
 * is printed.
 */
@Timeout(240)
class DrainKillIT {
    static final String NUMBER = "number";

    private static final int KILLS = Integer.getInteger("penstock.soak.drainKills", 6);
    private static final int BETWEEN_MAX = 20_000;
    private static final long SEED = Long.getLong("penstock.soak.seed", System.nanoTime());

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private final Random random = new Random(SEED);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rule6OfAKilledClientOneMessageAtMostIsInDoubt(boolean localSocket) throws Exception {
        System.out.println("seed " + SEED + (localSocket ? ", by the local socket" : ", by TCP"));
        int count = (KILLS + 1) * BETWEEN_MAX;
        List<int[]> handedOut = new ArrayList<>();
        try (BrokerProcess broker = new BrokerProcess(directory, "flush.policy=never")) {
            broker.start();
            send(broker.url(), count);
            String url = broker.url() + "?jms.localSocket=" + localSocket;
            for (int kill = 0; kill < KILLS; kill++) {
                handedOut.add(drain(url, kill, 1 + random.nextInt(BETWEEN_MAX)));
            }
            handedOut.add(drainAll(url, handedOut, count));
        }
        check(handedOut, count);
    }

    private static void send(String url, int count) throws Exception {
        CountDownLatch stored = new CountDownLatch(count);
        AtomicReference<Exception> failure = new AtomicReference<>();
        CompletionListener counting = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                stored.countDown();
            }

            @Override
            public void onException(Message message, Exception exception) {
                failure.set(exception);
                stored.countDown();
            }
        };
        try (Connection connection = new PenstockConnectionFactory(url).createConnection()) {
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(session.createQueue("drained"));
            for (int i = 0; i < count; i++) {
                Message message = session.createTextMessage("x".repeat(200));
                message.setIntProperty(NUMBER, i);
                producer.send(
                        message,
                        DeliveryMode.PERSISTENT,
                        Message.DEFAULT_PRIORITY,
                        Message.DEFAULT_TIME_TO_LIVE,
                        counting);
            }
            assertTrue(stored.await(120, TimeUnit.SECONDS));
            assertEquals(null, failure.get());
        }
    }

    /** One client, until it has had about so many and is killed. */
    private int[] drain(String url, int index, int least) throws Exception {
        Path file = directory.resolve("handed-out-" + url.contains("true") + "-" + index);
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                DrainingClient.class.getName(),
                url,
                "drained",
                file.toString());
        Process client = new ProcessBuilder(command).inheritIO().start();
        try {
            while (numbers(file) < least) {
                assertTrue(client.isAlive());
                Thread.sleep(1);
            }
        } finally {
            client.destroyForcibly().waitFor();
        }
        return read(file);
    }

    private static long numbers(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) / Integer.BYTES : 0;
    }

    private static int[] read(Path file) throws IOException {
        IntBuffer numbers = ByteBuffer.wrap(Files.readAllBytes(file)).asIntBuffer();
        int[] all = new int[numbers.remaining()];
        numbers.get(all);
        return all;
    }

    /** What is left, received here until everything has been seen and nothing more comes. */
    private int[] drainAll(String url, List<int[]> before, int count) throws JMSException {
        BitSet seen = new BitSet();
        before.forEach(numbers -> {
            for (int number : numbers) {
                seen.set(number);
            }
        });
        List<Integer> rest = new ArrayList<>();
        try (Connection connection = new PenstockConnectionFactory(url).createConnection()) {
            connection.start();
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            var consumer = session.createConsumer(session.createQueue("drained"));
            // What the last client held comes when its grace of a second is over.
            for (Message message = consumer.receive(20_000);
                    message != null;
                    message = consumer.receive(seen.cardinality() < count ? 20_000 : 2_000)) {
                rest.add(message.getIntProperty(NUMBER));
                seen.set(message.getIntProperty(NUMBER));
            }
        }
        return rest.stream().mapToInt(Integer::intValue).toArray();
    }

    private static void check(List<int[]> handedOut, int count) {
        BitSet certain = new BitSet();
        BitSet seen = new BitSet();
        List<String> wrong = new ArrayList<>();
        for (int client = 0; client < handedOut.size(); client++) {
            int[] numbers = handedOut.get(client);
            int repeats = 0;
            for (int number : numbers) {
                repeats += certain.get(number) ? 1 : 0;
                seen.set(number);
            }
            if (repeats > 0) {
                wrong.add("client " + client + " was handed " + repeats + " again");
            }
            for (int i = 0; i < numbers.length - 1; i++) {
                certain.set(numbers[i]);
            }
        }
        assertEquals(
                List.of(),
                wrong,
                "after hand-outs of " + handedOut.stream().map(n -> n.length).toList());
        assertEquals(count, seen.cardinality(), "all have been handed out");
    }
}
