package io.penstock.matrix;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import java.util.ArrayList;
import java.util.List;

/**
 * A client of its own on one queue: sends a probe and takes messages until it comes, over and over; what else comes is written
 * down. Its own thread; anybody looks.
 */
final class Bystander implements AutoCloseable {
    private static final String PROBE = "probe ";
    private static final long RECEIVE_MILLIS = 200;

    private final String url;
    private final String queue;
    private final Thread thread = new Thread(this::run, "bystander");
    private final List<String> taken = new ArrayList<>();
    private final List<String> troubles = new ArrayList<>();
    private long probes;
    private long longestNanos;
    private volatile boolean ended;

    Bystander(String url, String queue) {
        this.url = url;
        this.queue = queue;
        thread.setDaemon(true);
        thread.start();
    }

    /** What came and was no probe, repeats that are flagged as such left out. */
    synchronized List<String> taken() {
        return List.copyOf(taken);
    }

    synchronized List<String> troubles() {
        return List.copyOf(troubles);
    }

    synchronized long probes() {
        return probes;
    }

    /** The longest time from a probe's sending to its coming since this was asked last. */
    synchronized double longestSeconds() {
        double seconds = longestNanos / 1e9;
        longestNanos = 0;
        return seconds;
    }

    private void run() {
        while (!ended) {
            try (JMSContext context = new PenstockConnectionFactory(url).createContext()) {
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue));
                while (!ended) {
                    probe(context, consumer);
                }
            } catch (JMSRuntimeException | JMSException e) {
                synchronized (this) {
                    troubles.add(e.toString());
                }
            }
        }
    }

    private void probe(JMSContext context, JMSConsumer consumer) throws JMSException {
        long begun = System.nanoTime();
        String probe = PROBE + begun;
        context.createProducer().send(context.createQueue(queue), probe);
        for (boolean came = false; !came && !ended; ) {
            Message message = consumer.receive(RECEIVE_MILLIS);
            if (message != null) {
                String body = message.getBody(String.class);
                came = body.equals(probe);
                note(body, message.getJMSRedelivered());
            }
            waited(System.nanoTime() - begun, came);
        }
    }

    private synchronized void note(String body, boolean redelivered) {
        if (!body.startsWith(PROBE) && !(redelivered && taken.contains(body))) {
            taken.add(body);
        }
    }

    private synchronized void waited(long nanos, boolean came) {
        longestNanos = Math.max(longestNanos, nanos);
        probes += came ? 1 : 0;
    }

    @Override
    public void close() throws InterruptedException {
        ended = true;
        thread.join();
    }
}
