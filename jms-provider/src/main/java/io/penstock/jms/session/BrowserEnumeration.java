package io.penstock.jms.session;

import io.penstock.jms.client.ClientConnection;
import io.penstock.jms.client.ClientConsumer;
import io.penstock.jms.client.ConsumerRequest;
import io.penstock.jms.client.Delivery;
import io.penstock.jms.client.DeliveryBatch;
import io.penstock.jms.client.DeliverySink;
import io.penstock.jms.client.OffsetsByPartition;
import io.penstock.jms.client.Target;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import java.util.ArrayDeque;
import java.util.Enumeration;
import java.util.NoSuchElementException;
import java.util.function.BooleanSupplier;

/**
 * One look through a queue. Holds as many messages as its credit allows; when they are used up it asks for more and waits
 * for the answer, and a round that brings nothing is the end. One application thread; pushes come on the engine's.
 */
final class BrowserEnumeration implements Enumeration<Message>, DeliverySink {
    private static final int MESSAGES = 200;
    private static final int BYTES = 1 << 20;

    private final Queue queue;
    private final ClientConnection connection;
    private final BooleanSupplier sessionOpen;
    private final ArrayDeque<DeliveryBatch> pushed = new ArrayDeque<>();
    private ClientConsumer client;
    private Message next;
    private final ShownOffsets shown = new ShownOffsets();

    private int messagesUsed;
    private int bytesUsed;
    private JMSException failure;
    private volatile boolean over;

    BrowserEnumeration(Queue queue, ClientConnection connection, BooleanSupplier sessionOpen) {
        this.queue = queue;
        this.connection = connection;
        this.sessionOpen = sessionOpen;
    }

    static ConsumerRequest request(Target target, String selector) {
        return new ConsumerRequest(target, null, selector, false, true, MESSAGES, BYTES);
    }

    void attached(ClientConsumer attached) {
        client = attached;
    }

    boolean isOver() {
        return over;
    }

    @Override
    public void delivered(DeliveryBatch batch) {
        synchronized (pushed) {
            pushed.add(batch);
        }
    }

    @Override
    public void failed(JMSException cause) {
        synchronized (pushed) {
            failure = cause;
        }
    }

    @Override
    public boolean hasMoreElements() {
        if (next == null && !over) {
            next = JmsExceptions.unchecked(this::fetch);
        }
        return next != null;
    }

    @Override
    public Message nextElement() {
        if (!hasMoreElements()) {
            throw new NoSuchElementException("the browser has shown all messages of " + queue);
        }
        Message message = next;
        next = null;
        return message;
    }

    /** The next message, or null at the end. */
    private Message fetch() throws JMSException {
        Delivery delivery = take();
        boolean first = true;
        while (delivery == null && sessionOpen.getAsBoolean() && (first || messagesUsed > 0)) {
            first = false;
            if (messagesUsed > 0) {
                client.credit(messagesUsed, bytesUsed);
                messagesUsed = 0;
                bytesUsed = 0;
            }
            Waiting.until(client.drain(), connection, "browsing " + queue);
            delivery = take();
        }
        if (delivery == null) {
            end();
            return null;
        }
        return delivery.message(delivery.deliveryCount(), null);
    }

    private Delivery take() throws JMSException {
        synchronized (pushed) {
            while (!pushed.isEmpty()) {
                DeliveryBatch batch = pushed.peek();
                Delivery delivery = batch.next();
                if (batch.remaining() == 0) {
                    bytesUsed += pushed.poll().sizeBytes();
                }
                if (delivery != null) {
                    messagesUsed++;
                    if (shown.add(delivery.partition(), delivery.offset())) {
                        return delivery;
                    }
                }
            }
            if (failure != null) {
                throw JmsExceptions.again(failure);
            }
            return null;
        }
    }

    /** Nothing more is shown; any thread. */
    void end() {
        if (over) {
            return;
        }
        over = true;
        // What the answer is does not matter: with the session's end the look is over in any case.
        client.detach(new OffsetsByPartition());
    }
}
