package io.penstock.jms.session;

import io.penstock.jms.client.ClientSession;
import io.penstock.jms.client.OutgoingMessage;
import io.penstock.jms.client.Target;
import io.penstock.jms.message.Messages;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** The sending half of a session: stamps headers and hands over (rules 7, 19 to 21). The session's thread. */
final class MessageSender {
    private static final AtomicLong LAST_SESSION = new AtomicLong();
    private static final String GROUP = "JMSXGroupID";
    private static final String PARTITION = "JMS_Penstock_Partition";

    /** How a message is to be sent. */
    record Manner(
            int deliveryMode,
            int priority,
            long timeToLiveMillis,
            long deliveryDelayMillis,
            boolean withoutId,
            boolean withoutTimestamp) {
        static final Manner DEFAULT = new Manner(
                DeliveryMode.PERSISTENT,
                Message.DEFAULT_PRIORITY,
                Message.DEFAULT_TIME_TO_LIVE,
                Message.DEFAULT_DELIVERY_DELAY,
                false,
                false);

        Manner {
            if (priority < 0 || priority > 9) {
                throw new IllegalArgumentException("priority is 0 to 9, not " + priority);
            }
        }
    }

    private final PenstockConnection connection;
    private final ClientSession client;
    private final CompletionQueue completions;
    private final Supplier<Staging> staging;
    private final String idPrefix;
    private final String groupId;
    private long lastId;

    MessageSender(
            PenstockConnection connection,
            ClientSession client,
            CompletionQueue completions,
            Supplier<Staging> staging) {
        this.connection = connection;
        this.client = client;
        this.completions = completions;
        this.staging = staging;
        this.idPrefix =
                "ID:" + connection.client().token() + "-" + Long.toString(LAST_SESSION.incrementAndGet(), 36) + "-";
        SessionOptions options = connection.options();
        this.groupId = options.groupId() == null && options.autoGroup() ? idPrefix : options.groupId();
    }

    /** @param listener null for a send that blocks as the options say */
    void send(Target target, Destination destination, Message message, Manner manner, CompletionListener listener)
            throws JMSException {
        if (message == null) {
            throw new MessageFormatException("there is no message to send");
        }
        if (listener != null) {
            completions.awaitRoom(connection.clock(), connection.client().callTimeoutMillis());
        }
        stamp(message, destination, manner);
        OutgoingMessage outgoing = outgoing(message, manner);
        Staging transaction = staging.get();
        if (transaction != null) {
            transaction.stage(target, outgoing);
            if (listener != null) {
                completions.add(message, listener, CompletableFuture.completedFuture(null));
            }
            return;
        }
        CompletableFuture<Void> sent = client.send(target, outgoing);
        if (listener != null) {
            client.confirmedLater();
            completions.add(message, listener, sent);
        } else if (blocks(manner)) {
            client.readUntil(
                    sent::isDone,
                    TimeUnit.MILLISECONDS.toNanos(connection.client().callTimeoutMillis()));
            Waiting.until(sent, connection.client(), "sending to " + destination);
        } else {
            client.confirmedLater();
            sent.whenComplete((nothing, failure) -> report(failure, destination));
        }
    }

    private boolean blocks(Manner manner) {
        return manner.deliveryMode == DeliveryMode.PERSISTENT
                ? connection.options().blockOnPersistentSend()
                : connection.options().blockOnNonPersistentSend();
    }

    private void report(Throwable failure, Destination destination) {
        if (failure != null && connection.isAlive()) {
            connection.reportAsync(Waiting.failure(failure, "sending to " + destination));
        }
    }

    /** The headers that belong to the provider (Messaging 3.1 §3.4). */
    private void stamp(Message message, Destination destination, Manner manner) throws JMSException {
        long now = connection.clock().wallMillis();
        message.setJMSDestination(destination);
        message.setJMSDeliveryMode(manner.deliveryMode);
        message.setJMSPriority(manner.priority);
        // All count from the send, not from the commit (rule 19).
        message.setJMSExpiration(manner.timeToLiveMillis <= 0 ? 0 : later(now, manner.timeToLiveMillis));
        message.setJMSDeliveryTime(later(now, manner.deliveryDelayMillis));
        message.setJMSTimestamp(manner.withoutTimestamp ? 0 : now);
        message.setJMSMessageID(manner.withoutId ? null : idPrefix + Long.toString(++lastId, 36));
        if (groupId != null && !message.propertyExists(GROUP)) {
            message.setStringProperty(GROUP, groupId);
        }
    }

    private static long later(long now, long millis) {
        return millis > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + millis;
    }

    private static OutgoingMessage outgoing(Message message, Manner manner) throws JMSException {
        Message own = Messages.own(message);
        int partition = OutgoingMessage.ANY_PARTITION;
        if (own.propertyExists(PARTITION)) {
            partition = own.getIntProperty(PARTITION);
            if (partition < 0) {
                throw new JMSException("property " + PARTITION + " is " + partition + "; partitions begin at 0");
            }
        }
        return new OutgoingMessage(
                own, manner.deliveryMode == DeliveryMode.PERSISTENT, own.getStringProperty(GROUP), partition);
    }
}
