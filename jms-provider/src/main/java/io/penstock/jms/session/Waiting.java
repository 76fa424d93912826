package io.penstock.jms.session;

import io.penstock.jms.client.ClientConnection;
import jakarta.jms.JMSException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits on an application's thread for what the engine promises. */
final class Waiting {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long LOOK_CLOSING_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private Waiting() {}

    /**
     * Waits for the call time-out, which begins anew when the connection was interrupted and is there again.
     *
     * @param what is being waited for, for the text of the exception
     * @throws JMSException what the engine has failed with, with this call's stack trace; or that time is up
     */
    static <T> T until(CompletableFuture<T> future, ClientConnection client, String what) throws JMSException {
        return until(future, client, what, false);
    }

    /** As {@link #until}, but for who is closing: an interruption of the connection is not waited for. */
    static void unlessInterrupted(CompletableFuture<Void> future, ClientConnection client, String what)
            throws JMSException {
        until(future, client, what, true);
    }

    private static <T> T until(CompletableFuture<T> future, ClientConnection client, String what, boolean closing)
            throws JMSException {
        long asked = client.clock().nanos();
        while (true) {
            long left = client.answerDueNanos(asked) - client.clock().nanos();
            try {
                return future.get(
                        Math.max(0, Math.min(left, closing ? LOOK_CLOSING_NANOS : LOOK_NANOS)), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                throw failure(e.getCause(), what);
            } catch (TimeoutException e) {
                if (closing && client.isInterrupted()) {
                    return null;
                }
                if (client.answerDueNanos(asked) - client.clock().nanos() <= 0) {
                    throw new JMSException(what + ": the broker has not answered within " + client.callTimeoutMillis()
                            + " ms; whether it was done is unknown");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                JMSException interrupted =
                        new JMSException(what + ": the thread was interrupted; whether it was done is unknown");
                interrupted.setLinkedException(e);
                throw interrupted;
            }
        }
    }

    /** A failure of the engine as one that was thrown here. */
    static JMSException failure(Throwable cause, String what) {
        if (cause instanceof JMSException known) {
            return JmsExceptions.again(known);
        }
        JMSException unexpected = new JMSException(what + ": " + cause);
        unexpected.initCause(cause);
        if (cause instanceof Exception exception) {
            unexpected.setLinkedException(exception);
        }
        return unexpected;
    }
}
