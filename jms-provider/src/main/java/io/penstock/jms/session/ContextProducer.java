package io.penstock.jms.session;

import static io.penstock.jms.session.JmsExceptions.unchecked;

import io.penstock.jms.message.PenstockMessage;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.Serializable;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * A producer of a context: settings and properties that go on each message it sends, by way of a MessageProducer without a
 * destination. The context's thread.
 */
public final class ContextProducer implements JMSProducer {
    private final Session session;
    private final MessageProducer producer;
    /** Holds properties and headers to be set, and converts them as messages do. */
    private final Message template = new PenstockMessage();

    private boolean hasProperties;
    private CompletionListener async;

    /**
     * @param session makes the messages
     * @param producer of that session, without a destination, used by nobody else
     */
    public ContextProducer(Session session, MessageProducer producer) {
        this.session = session;
        this.producer = producer;
    }

    // ---- sending

    @Override
    public JMSProducer send(Destination destination, Message message) {
        if (message == null) {
            throw new MessageFormatRuntimeException("there is no message to send");
        }
        if (destination == null) {
            throw new InvalidDestinationRuntimeException("there is no destination to send to");
        }
        unchecked(() -> {
            apply(message);
            if (async == null) {
                producer.send(destination, message);
            } else {
                producer.send(destination, message, async);
            }
        });
        return this;
    }

    private void apply(Message message) throws JMSException {
        if (hasProperties) {
            for (String name : getPropertyNames()) {
                message.setObjectProperty(name, template.getObjectProperty(name));
            }
        }
        if (template.getJMSCorrelationID() != null) {
            message.setJMSCorrelationID(template.getJMSCorrelationID());
        }
        if (template.getJMSType() != null) {
            message.setJMSType(template.getJMSType());
        }
        if (template.getJMSReplyTo() != null) {
            message.setJMSReplyTo(template.getJMSReplyTo());
        }
    }

    @Override
    public JMSProducer send(Destination destination, String body) {
        return send(destination, unchecked(() -> session.createTextMessage(body)));
    }

    @Override
    public JMSProducer send(Destination destination, Map<String, Object> body) {
        MapMessage message = unchecked(session::createMapMessage);
        if (body != null) {
            unchecked(() -> {
                for (Map.Entry<String, Object> entry : body.entrySet()) {
                    message.setObject(entry.getKey(), entry.getValue());
                }
            });
        }
        return send(destination, message);
    }

    @Override
    public JMSProducer send(Destination destination, byte[] body) {
        BytesMessage message = unchecked(session::createBytesMessage);
        if (body != null) {
            unchecked(() -> message.writeBytes(body));
        }
        return send(destination, message);
    }

    @Override
    public JMSProducer send(Destination destination, Serializable body) {
        return send(destination, unchecked(() -> session.createObjectMessage(body)));
    }

    // ---- settings

    @Override
    public JMSProducer setDisableMessageID(boolean value) {
        unchecked(() -> producer.setDisableMessageID(value));
        return this;
    }

    @Override
    public boolean getDisableMessageID() {
        return unchecked(producer::getDisableMessageID);
    }

    @Override
    public JMSProducer setDisableMessageTimestamp(boolean value) {
        unchecked(() -> producer.setDisableMessageTimestamp(value));
        return this;
    }

    @Override
    public boolean getDisableMessageTimestamp() {
        return unchecked(producer::getDisableMessageTimestamp);
    }

    @Override
    public JMSProducer setDeliveryMode(int mode) {
        unchecked(() -> producer.setDeliveryMode(mode));
        return this;
    }

    @Override
    public int getDeliveryMode() {
        return unchecked(producer::getDeliveryMode);
    }

    @Override
    public JMSProducer setPriority(int priority) {
        unchecked(() -> producer.setPriority(priority));
        return this;
    }

    @Override
    public int getPriority() {
        return unchecked(producer::getPriority);
    }

    @Override
    public JMSProducer setTimeToLive(long millis) {
        unchecked(() -> producer.setTimeToLive(millis));
        return this;
    }

    @Override
    public long getTimeToLive() {
        return unchecked(producer::getTimeToLive);
    }

    @Override
    public JMSProducer setDeliveryDelay(long millis) {
        unchecked(() -> producer.setDeliveryDelay(millis));
        return this;
    }

    @Override
    public long getDeliveryDelay() {
        return unchecked(producer::getDeliveryDelay);
    }

    @Override
    public JMSProducer setAsync(CompletionListener listener) {
        async = listener;
        return this;
    }

    @Override
    public CompletionListener getAsync() {
        return async;
    }

    // ---- properties

    private JMSProducer property(JmsExceptions.Action setting) {
        unchecked(setting);
        hasProperties = true;
        return this;
    }

    @Override
    public JMSProducer setProperty(String name, boolean value) {
        return property(() -> template.setBooleanProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, byte value) {
        return property(() -> template.setByteProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, short value) {
        return property(() -> template.setShortProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, int value) {
        return property(() -> template.setIntProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, long value) {
        return property(() -> template.setLongProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, float value) {
        return property(() -> template.setFloatProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, double value) {
        return property(() -> template.setDoubleProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, String value) {
        return property(() -> template.setStringProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, Object value) {
        return property(() -> template.setObjectProperty(name, value));
    }

    @Override
    public JMSProducer clearProperties() {
        unchecked(template::clearProperties);
        hasProperties = false;
        return this;
    }

    @Override
    public boolean propertyExists(String name) {
        return unchecked(() -> template.propertyExists(name));
    }

    @Override
    public boolean getBooleanProperty(String name) {
        return unchecked(() -> template.getBooleanProperty(name));
    }

    @Override
    public byte getByteProperty(String name) {
        return unchecked(() -> template.getByteProperty(name));
    }

    @Override
    public short getShortProperty(String name) {
        return unchecked(() -> template.getShortProperty(name));
    }

    @Override
    public int getIntProperty(String name) {
        return unchecked(() -> template.getIntProperty(name));
    }

    @Override
    public long getLongProperty(String name) {
        return unchecked(() -> template.getLongProperty(name));
    }

    @Override
    public float getFloatProperty(String name) {
        return unchecked(() -> template.getFloatProperty(name));
    }

    @Override
    public double getDoubleProperty(String name) {
        return unchecked(() -> template.getDoubleProperty(name));
    }

    @Override
    public String getStringProperty(String name) {
        return unchecked(() -> template.getStringProperty(name));
    }

    @Override
    public Object getObjectProperty(String name) {
        return unchecked(() -> template.getObjectProperty(name));
    }

    @Override
    public Set<String> getPropertyNames() {
        Set<String> names = new LinkedHashSet<>();
        Enumeration<?> all = unchecked(template::getPropertyNames);
        while (all.hasMoreElements()) {
            String name = (String) all.nextElement();
            if (!name.equals("JMSXDeliveryCount")) {
                names.add(name);
            }
        }
        return Collections.unmodifiableSet(names);
    }

    // ---- headers

    @Override
    public JMSProducer setJMSCorrelationIDAsBytes(byte[] id) {
        unchecked(() -> template.setJMSCorrelationIDAsBytes(id));
        return this;
    }

    @Override
    public byte[] getJMSCorrelationIDAsBytes() {
        return unchecked(template::getJMSCorrelationIDAsBytes);
    }

    @Override
    public JMSProducer setJMSCorrelationID(String id) {
        unchecked(() -> template.setJMSCorrelationID(id));
        return this;
    }

    @Override
    public String getJMSCorrelationID() {
        return unchecked(template::getJMSCorrelationID);
    }

    @Override
    public JMSProducer setJMSType(String type) {
        unchecked(() -> template.setJMSType(type));
        return this;
    }

    @Override
    public String getJMSType() {
        return unchecked(template::getJMSType);
    }

    @Override
    public JMSProducer setJMSReplyTo(Destination replyTo) {
        unchecked(() -> template.setJMSReplyTo(replyTo));
        return this;
    }

    @Override
    public Destination getJMSReplyTo() {
        return unchecked(template::getJMSReplyTo);
    }
}
