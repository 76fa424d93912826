package io.penstock.jms.session;

import static io.penstock.jms.session.JmsExceptions.unchecked;

import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.io.Serializable;

/**
 * A connection and a session in one (Messaging 3.1 §6.5, rule 29). The session is made when it is first needed, so that a
 * client id can be set before. Used by one thread at a time, except {@link #close}.
 */
public class PenstockContext implements JMSContext {
    private final PenstockConnection connection;
    private final int sessionMode;
    private PenstockSession session;
    private volatile boolean autoStart = true;
    private boolean closed;

    PenstockContext(PenstockConnection connection, int sessionMode) {
        this.connection = connection;
        this.sessionMode = sessionMode;
        connection.contextOpened();
    }

    /**
     * Makes the first context of a connection, which the last context closes.
     *
     * @throws JMSRuntimeException if there is no such session mode; the connection is closed then
     */
    public static PenstockContext first(PenstockConnection connection, int sessionMode) {
        try {
            AcknowledgeMode.of(sessionMode);
        } catch (JMSException e) {
            unchecked(connection::close);
            throw unchecked(e);
        }
        return new PenstockContext(connection, sessionMode);
    }

    synchronized PenstockSession session() {
        if (closed) {
            throw new IllegalStateRuntimeException("the context is closed");
        }
        if (session == null) {
            session = newSession();
        }
        return session;
    }

    PenstockSession newSession() {
        return unchecked(() -> connection.openSession(sessionMode == SESSION_TRANSACTED, sessionMode, Domain.ANY));
    }

    // ---- lifecycle

    @Override
    public JMSContext createContext(int mode) {
        synchronized (this) {
            if (closed) {
                throw new IllegalStateRuntimeException("the context is closed");
            }
        }
        unchecked(() -> AcknowledgeMode.of(mode));
        return new PenstockContext(connection, mode);
    }

    @Override
    public void close() {
        PenstockSession mine;
        synchronized (this) {
            if (closed) {
                return;
            }
            mine = session;
        }
        unchecked(() -> {
            if (mine != null) {
                mine.close();
            }
            synchronized (this) {
                if (closed) {
                    return;
                }
                closed = true;
            }
            connection.contextClosed();
        });
    }

    @Override
    public void start() {
        unchecked(connection::start);
    }

    @Override
    public void stop() {
        unchecked(connection::stop);
    }

    @Override
    public void setAutoStart(boolean value) {
        autoStart = value;
    }

    @Override
    public boolean getAutoStart() {
        return autoStart;
    }

    @Override
    public String getClientID() {
        return unchecked(connection::getClientID);
    }

    @Override
    public void setClientID(String clientId) {
        unchecked(() -> connection.setClientID(clientId));
    }

    @Override
    public ConnectionMetaData getMetaData() {
        return unchecked(connection::getMetaData);
    }

    @Override
    public ExceptionListener getExceptionListener() {
        return unchecked(connection::getExceptionListener);
    }

    @Override
    public void setExceptionListener(ExceptionListener listener) {
        unchecked(() -> connection.setExceptionListener(listener));
    }

    @Override
    public boolean getTransacted() {
        return unchecked(session()::getTransacted);
    }

    @Override
    public int getSessionMode() {
        return unchecked(session()::getAcknowledgeMode);
    }

    @Override
    public void commit() {
        unchecked(session()::commit);
    }

    @Override
    public void rollback() {
        unchecked(session()::rollback);
    }

    @Override
    public void recover() {
        unchecked(session()::recover);
    }

    @Override
    public void acknowledge() {
        PenstockSession mine = session();
        if (mine.mode() == AcknowledgeMode.CLIENT) {
            unchecked(mine.core()::acknowledge);
        }
    }

    // ---- producers and consumers

    @Override
    public JMSProducer createProducer() {
        PenstockSession mine = session();
        return new ContextProducer(mine, unchecked(() -> mine.createProducer(null)));
    }

    private JMSConsumer consumer(JmsExceptions.Call<MessageConsumer> creation) {
        PenstockConsumer consumer = (PenstockConsumer) unchecked(creation);
        if (autoStart) {
            start();
        }
        return new ContextConsumer(consumer);
    }

    @Override
    public JMSConsumer createConsumer(Destination destination) {
        Session mine = session();
        return consumer(() -> mine.createConsumer(destination));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, String selector) {
        Session mine = session();
        return consumer(() -> mine.createConsumer(destination, selector));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, String selector, boolean noLocal) {
        Session mine = session();
        return consumer(() -> mine.createConsumer(destination, selector, noLocal));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name) {
        PenstockSession mine = session();
        return consumer(() -> mine.createDurableConsumer(topic, name));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name, String selector, boolean noLocal) {
        PenstockSession mine = session();
        return consumer(() -> mine.createDurableConsumer(topic, name, selector, noLocal));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name) {
        return createSharedDurableConsumer(topic, name, null);
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name, String selector) {
        PenstockSession mine = session();
        return consumer(() -> mine.createSharedDurableConsumer(topic, name, selector));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name) {
        return createSharedConsumer(topic, name, null);
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name, String selector) {
        PenstockSession mine = session();
        return consumer(() -> mine.createSharedConsumer(topic, name, selector));
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) {
        return createBrowser(queue, null);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, String selector) {
        PenstockSession mine = session();
        return unchecked(() -> mine.createBrowser(queue, selector));
    }

    @Override
    public void unsubscribe(String name) {
        PenstockSession mine = session();
        unchecked(() -> mine.unsubscribe(name));
    }

    // ---- destinations and messages

    @Override
    public Queue createQueue(String name) {
        PenstockSession mine = session();
        return unchecked(() -> mine.createQueue(name));
    }

    @Override
    public Topic createTopic(String name) {
        PenstockSession mine = session();
        return unchecked(() -> mine.createTopic(name));
    }

    @Override
    public TemporaryQueue createTemporaryQueue() {
        return unchecked(session()::createTemporaryQueue);
    }

    @Override
    public TemporaryTopic createTemporaryTopic() {
        return unchecked(session()::createTemporaryTopic);
    }

    @Override
    public BytesMessage createBytesMessage() {
        return unchecked(session()::createBytesMessage);
    }

    @Override
    public MapMessage createMapMessage() {
        return unchecked(session()::createMapMessage);
    }

    @Override
    public Message createMessage() {
        return unchecked(session()::createMessage);
    }

    @Override
    public ObjectMessage createObjectMessage() {
        PenstockSession mine = session();
        return unchecked(() -> mine.createObjectMessage());
    }

    @Override
    public ObjectMessage createObjectMessage(Serializable object) {
        PenstockSession mine = session();
        return unchecked(() -> mine.createObjectMessage(object));
    }

    @Override
    public StreamMessage createStreamMessage() {
        return unchecked(session()::createStreamMessage);
    }

    @Override
    public TextMessage createTextMessage() {
        PenstockSession mine = session();
        return unchecked(() -> mine.createTextMessage());
    }

    @Override
    public TextMessage createTextMessage(String text) {
        PenstockSession mine = session();
        return unchecked(() -> mine.createTextMessage(text));
    }
}
