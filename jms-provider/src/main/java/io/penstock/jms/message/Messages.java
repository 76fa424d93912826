package io.penstock.jms.message;

import io.penstock.protocol.jms.PropertyName;
import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.util.Enumeration;

/** Messages of other providers as messages of this one (rule 25). Stateless. */
public final class Messages {
    private static final int COPY_BYTES = 8192;

    private Messages() {}

    /**
     * The message itself when it is this provider's, else a copy of headers, properties and body. A Bytes or Stream message
     * is reset by that, as it is by sending.
     */
    public static PenstockMessage own(Message message) throws JMSException {
        if (message instanceof PenstockMessage own) {
            return own;
        }
        PenstockMessage copy = body(message);
        copyHeaders(message, copy);
        Enumeration<?> names = message.getPropertyNames();
        while (names.hasMoreElements()) {
            String name = (String) names.nextElement();
            if (!name.equals(PropertyName.DELIVERY_COUNT) && PropertyName.fault(name) == null) {
                copy.setObjectProperty(name, message.getObjectProperty(name));
            }
        }
        return copy;
    }

    private static void copyHeaders(Message from, PenstockMessage to) throws JMSException {
        to.setJMSMessageID(from.getJMSMessageID());
        to.setJMSTimestamp(from.getJMSTimestamp());
        to.setJMSCorrelationID(from.getJMSCorrelationID());
        to.setJMSReplyTo(from.getJMSReplyTo());
        to.setJMSDestination(from.getJMSDestination());
        to.setJMSType(from.getJMSType());
        to.setJMSExpiration(from.getJMSExpiration());
        to.setJMSDeliveryTime(from.getJMSDeliveryTime());
        int mode = from.getJMSDeliveryMode();
        to.setJMSDeliveryMode(mode == DeliveryMode.NON_PERSISTENT ? mode : DeliveryMode.PERSISTENT);
        to.setJMSPriority(Math.max(0, Math.min(9, from.getJMSPriority())));
    }

    private static PenstockMessage body(Message message) throws JMSException {
        if (message instanceof TextMessage text) {
            return new PenstockTextMessage(text.getText());
        } else if (message instanceof BytesMessage bytes) {
            return bytes(bytes);
        } else if (message instanceof MapMessage map) {
            return map(map);
        } else if (message instanceof StreamMessage stream) {
            return stream(stream);
        } else if (message instanceof ObjectMessage object) {
            PenstockObjectMessage copy = new PenstockObjectMessage(DeserializationPolicy.STRICT);
            copy.setObject(object.getObject());
            return copy;
        }
        return new PenstockMessage();
    }

    private static PenstockMessage bytes(BytesMessage from) throws JMSException {
        PenstockBytesMessage to = new PenstockBytesMessage();
        from.reset();
        byte[] part = new byte[COPY_BYTES];
        for (int read = from.readBytes(part); read > 0; read = from.readBytes(part)) {
            to.writeBytes(part, 0, read);
        }
        from.reset();
        return to;
    }

    private static PenstockMessage map(MapMessage from) throws JMSException {
        PenstockMapMessage to = new PenstockMapMessage();
        Enumeration<?> names = from.getMapNames();
        while (names.hasMoreElements()) {
            String name = (String) names.nextElement();
            to.setObject(name, from.getObject(name));
        }
        return to;
    }

    private static PenstockMessage stream(StreamMessage from) throws JMSException {
        PenstockStreamMessage to = new PenstockStreamMessage();
        from.reset();
        while (true) {
            Object value;
            try {
                value = from.readObject();
            } catch (MessageEOFException end) {
                from.reset();
                return to;
            }
            to.writeObject(value);
        }
    }
}
