package io.penstock.jms.session;

import io.penstock.jms.client.Clock;
import jakarta.jms.CompletionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.ResourceAllocationException;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;

/**
 * Calls completion listeners of a session one at a time, in the order of the sends, never on the sender's thread (rule
 * 21). Any thread.
 *
 * <p>Its length has a limit: who sends faster than the listeners return waits in {@link #awaitRoom}.
 */
final class CompletionQueue {
    /** Sends whose callback has not returned; each keeps its message. */
    static final int SENDS_MAX = 10_000;

    private static final class Send {
        final Message message;
        final CompletionListener listener;
        boolean done;
        Throwable failure;

        Send(Message message, CompletionListener listener) {
            this.message = message;
            this.listener = listener;
        }
    }

    private final Serial serial = new Serial();
    private final ArrayDeque<Send> sends = new ArrayDeque<>();
    private boolean calling;

    /**
     * Before a send: waits until there is room for its callback. A listener that sends is not held up by the callbacks
     * behind itself.
     *
     * @throws JMSException when no callback returns in time; nothing was sent then
     */
    void awaitRoom(Clock clock, long timeoutMillis) throws JMSException {
        if (insideCallback()) {
            return;
        }
        long deadlineNanos = clock.nanos() + timeoutMillis * 1_000_000L;
        synchronized (this) {
            try {
                while (sends.size() >= SENDS_MAX) {
                    long leftMillis = (deadlineNanos - clock.nanos() + 999_999) / 1_000_000;
                    if (leftMillis <= 0) {
                        throw new ResourceAllocationException(
                                "the completion listeners of " + SENDS_MAX + " sends have not returned within "
                                        + timeoutMillis + " ms; this message was not sent",
                                "LIMIT_EXCEEDED");
                    }
                    wait(leftMillis);
                }
            } catch (InterruptedException e) {
                throw interrupted("interrupted while waiting for completion listeners; the message was not sent", e);
            }
        }
    }

    private static JMSException interrupted(String text, InterruptedException e) {
        Thread.currentThread().interrupt();
        JMSException interrupted = new JMSException(text);
        interrupted.setLinkedException(e);
        return interrupted;
    }

    void add(Message message, CompletionListener listener, CompletableFuture<Void> sent) {
        Send send = new Send(message, listener);
        synchronized (this) {
            sends.add(send);
        }
        sent.whenComplete((nothing, failure) -> completed(send, failure));
    }

    private void completed(Send send, Throwable failure) {
        synchronized (this) {
            send.done = true;
            send.failure = failure;
            if (calling || !headIsDone()) {
                return;
            }
            calling = true;
        }
        serial.execute(this::callAll);
    }

    private boolean headIsDone() {
        return !sends.isEmpty() && sends.peek().done;
    }

    private void callAll() {
        while (true) {
            Send send;
            synchronized (this) {
                if (!headIsDone()) {
                    calling = false;
                    notifyAll();
                    return;
                }
                send = sends.peek();
            }
            try {
                call(send);
            } finally {
                synchronized (this) {
                    sends.poll();
                    notifyAll();
                }
            }
        }
    }

    private static void call(Send send) {
        try {
            if (send.failure == null) {
                send.listener.onCompletion(send.message);
            } else {
                send.listener.onException(send.message, Waiting.failure(send.failure, "sending"));
            }
        } catch (RuntimeException | Error e) { // Whoever waits for the callbacks behind it would wait for ever.
            CallbackLog.thrown(send.listener, e);
        }
    }

    /** Waits until every callback has returned; a failed connection fails the sends, so this ends. */
    void awaitAll() throws JMSException {
        synchronized (this) {
            try {
                while (!sends.isEmpty()) {
                    wait();
                }
            } catch (InterruptedException e) {
                throw interrupted("interrupted while waiting for completion listeners", e);
            }
        }
    }

    boolean insideCallback() {
        return serial.isCurrentThread();
    }

    void refuseInsideCallback(String method) throws IllegalStateException {
        if (insideCallback()) {
            throw new IllegalStateException(method + " may not be called in a CompletionListener of the same session");
        }
    }
}
