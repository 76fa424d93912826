package io.penstock.cli;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.Enumeration;
import java.util.function.LongConsumer;

/**
 * Takes messages of one destination of another provider over to one of Penstock, in batches: what has been received is sent,
 * then the sends are committed, then the receipt is. What breaks off in between comes again, and nothing is lost. The
 * command's thread; who made the sessions closes them.
 */
final class Migration {
    private static final long BATCH_BYTES_MAX = 16 << 20;

    private final Session target;
    private final MessageProducer producer;
    private final int batchMessages;
    private final long max;
    private final LongConsumer progress;
    private long done;

    /**
     * @param target transacted
     * @param max of messages, over all
     * @param progress is told after each batch how many messages are over
     */
    Migration(Session target, MessageProducer producer, int batchMessages, long max, LongConsumer progress) {
        this.target = target;
        this.producer = producer;
        this.batchMessages = batchMessages;
        this.max = max;
        this.progress = progress;
    }

    /** How many are committed here. */
    long done() {
        return done;
    }

    /**
     * Receives until nothing comes for a while.
     *
     * @param source the consumer's session, transacted
     * @param idleMillis for so long
     */
    void drain(Session source, MessageConsumer consumer, long idleMillis) throws JMSException {
        try {
            boolean more = true;
            while (more && done < max) {
                int staged = 0;
                for (long bytes = 0; hasRoom(staged, bytes); staged++) {
                    Message message = consumer.receive(idleMillis);
                    if (message == null) {
                        more = false;
                        break;
                    }
                    bytes += send(message);
                }
                if (staged > 0) {
                    target.commit();
                    done += staged;
                    acknowledge(source, staged);
                    progress.accept(done);
                }
            }
        } catch (JMSException | RuntimeException e) {
            rollBack(target, e);
            rollBack(source, e);
            throw e;
        }
    }

    private static void acknowledge(Session source, int messages) throws JMSException {
        try {
            source.commit();
        } catch (JMSException e) {
            JMSException told =
                    new JMSException("the last " + messages + " messages are in Penstock, and the source may"
                            + " deliver them again under the same JMSMessageID: " + e.getMessage());
            told.initCause(e);
            throw told;
        }
    }

    /** Copies what a browser shows. */
    void copy(Enumeration<?> browsed) throws JMSException {
        try {
            while (done < max && browsed.hasMoreElements()) {
                int staged = 0;
                for (long bytes = 0; hasRoom(staged, bytes) && browsed.hasMoreElements(); staged++) {
                    bytes += send((Message) browsed.nextElement());
                }
                target.commit();
                done += staged;
                progress.accept(done);
            }
        } catch (JMSException | RuntimeException e) {
            rollBack(target, e);
            throw e;
        }
    }

    private boolean hasRoom(int staged, long bytes) {
        return staged < Math.min(batchMessages, max - done) && bytes < BATCH_BYTES_MAX;
    }

    private long send(Message message) throws JMSException {
        try {
            // The time to live, too, is the one that the message has.
            producer.send(
                    MigratedMessage.of(message),
                    message.getJMSDeliveryMode(),
                    Math.max(0, Math.min(9, message.getJMSPriority())),
                    Message.DEFAULT_TIME_TO_LIVE);
            return MigratedMessage.bodyBytes(message);
        } catch (JMSException e) {
            JMSException told = new JMSException(message.getJMSMessageID() + ": " + e.getMessage());
            told.initCause(e);
            throw told;
        }
    }

    private static void rollBack(Session session, Exception cause) {
        try {
            session.rollback();
        } catch (JMSException | RuntimeException e) {
            cause.addSuppressed(e);
        }
    }
}
