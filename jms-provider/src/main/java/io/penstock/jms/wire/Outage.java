package io.penstock.jms.wire;

import io.penstock.jms.thread.LibraryThread;
import io.penstock.jms.transport.Transport;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The times in which a connection has no socket. A thread of its own makes the connection again, for as long as one lasts;
 * what is asked meanwhile waits. Any thread.
 *
 * <pre>
 *   there --socket lost--> on --reconnected--> there
 *     |                     | attempts used up, refused, closing
 *     +--lost, closing------+-----------------------------> over
 * </pre>
 */
final class Outage {
    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);

    private enum Phase {
        THERE,
        ON,
        OVER
    }

    private final WireConnection connection;
    private Phase phase = Phase.THERE;
    private boolean givenUp;
    private List<Runnable> waiting = new ArrayList<>();
    private long restoredNanos;
    private boolean everRestored;

    Outage(WireConnection connection) {
        this.connection = connection;
    }

    synchronized boolean isOn() {
        return phase == Phase.ON;
    }

    /** True when what is lost now will be asked again. */
    synchronized boolean willEnd() {
        return phase != Phase.OVER && !givenUp && connection.reconnection().attempts() != 0;
    }

    synchronized long answerDueNanos(long askedNanos, long timeoutNanos) {
        if (phase == Phase.ON) {
            return connection.clock().nanos() + timeoutNanos;
        }
        long from = everRestored && restoredNanos - askedNanos > 0 ? restoredNanos : askedNanos;
        return from + timeoutNanos;
    }

    /**
     * Runs a task when the connection is there again; at once if it is already.
     *
     * @param lost the socket that the task's question was lost with
     * @return false when it will never be there again
     */
    boolean afterwards(Transport lost, Runnable task) {
        synchronized (this) {
            if (!willEnd()) {
                return false;
            }
            if (connection.transport() == lost) {
                waiting.add(task); // The outage may be about to begin.
                return true;
            }
        }
        task.run();
        return true;
    }

    /** Takes the first socket into use, or another one while there is no outage. */
    synchronized boolean take(BooleanSupplier taken) {
        return taken.getAsBoolean();
    }

    /**
     * A socket is gone.
     *
     * @param current true when it is the connection's
     */
    void begin(JMSException cause, BooleanSupplier current) {
        boolean told;
        synchronized (this) {
            if (phase != Phase.THERE || !current.getAsBoolean()) {
                return;
            }
            if (willEnd()) {
                phase = Phase.ON;
                LibraryThread.daemon(() -> reconnect(cause), "penstock-jms-reconnect")
                        .start();
                return;
            }
            phase = Phase.OVER;
            told = !givenUp;
        }
        over(cause, told);
    }

    /** Takes the new socket into use by {@code taken}; false if that is gone already, or nobody wants it any more. */
    boolean end(BooleanSupplier taken) {
        List<Runnable> tasks;
        synchronized (this) {
            if (phase != Phase.ON || givenUp || !taken.getAsBoolean()) {
                return false;
            }
            phase = Phase.THERE;
            restoredNanos = connection.clock().nanos();
            everRestored = true;
            tasks = waiting;
            waiting = new ArrayList<>();
        }
        tasks.forEach(Runnable::run);
        return true;
    }

    /** Nobody wants to wait any more. */
    void giveUp() {
        synchronized (this) {
            givenUp = true;
            notifyAll();
            if (phase != Phase.ON) {
                return;
            }
            phase = Phase.OVER;
        }
        over(new JMSException("the connection was closed while it was being made again", "CONNECTION"), false);
    }

    private void over(JMSException cause, boolean told) {
        List<Runnable> tasks;
        synchronized (this) {
            tasks = waiting;
            waiting = new ArrayList<>();
        }
        connection.lost(cause, told);
        tasks.forEach(Runnable::run); // Each is refused now.
    }

    private void reconnect(JMSException lost) {
        LOG.info("{}; connecting again to {}", lost.getMessage(), connection.brokers());
        connection.interrupted();
        JMSException cause = lost;
        int attemptsMax = connection.reconnection().attempts();
        for (int attempt = 1; attemptsMax < 0 || attempt <= attemptsMax; attempt++) {
            if (!pause(connection.reconnection().delayMillis(attempt))) {
                return;
            }
            try {
                connection.reconnect();
                LOG.info("connected again to {} after {} attempts", connection.brokers(), attempt);
                return;
            } catch (JMSSecurityException | InvalidClientIDException e) {
                cause = e;
                break;
            } catch (JMSException | RuntimeException e) {
                LOG.debug("attempt {} to connect again has failed", attempt, e);
                cause = ErrorTable.translate(e, "connecting again");
            }
        }
        synchronized (this) {
            if (phase != Phase.ON) {
                return;
            }
            phase = Phase.OVER;
        }
        over(cause, true);
    }

    /** Between attempts to connect for the first time; false when the thread is interrupted. */
    synchronized boolean pauseBeforeFirst(long millis) {
        phase = Phase.ON;
        boolean going = pause(millis);
        phase = Phase.THERE;
        return going;
    }

    /** False when it is over. */
    private synchronized boolean pause(long millis) {
        long end = connection.clock().nanos() + TimeUnit.MILLISECONDS.toNanos(millis);
        boolean interrupted = false;
        while (phase == Phase.ON && !givenUp) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - connection.clock().nanos());
            if (left <= 0) {
                break;
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                interrupted = true;
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return phase == Phase.ON && !givenUp && !interrupted;
    }
}
