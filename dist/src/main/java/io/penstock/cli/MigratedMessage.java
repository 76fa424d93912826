package io.penstock.cli;

import io.penstock.jms.PenstockDestination;
import io.penstock.protocol.jms.PropertyName;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Base64;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A message of another provider as it is sent here. A session stamps what it sends with an id, a time and more of its own and
 * then copies a foreign message (Messaging 3.1 §3.4); this one does not take the stamps, so that what is copied and stored is
 * what the first sender's provider had set. Properties are given names and values that are allowed here. The command's thread.
 */
final class MigratedMessage implements InvocationHandler {
    /** Where replies were to go, when that can be no destination here: a temporary one, or a name that is none. */
    static final String REPLY_TO = "JMS_Penstock_ReplyTo";

    private static final List<Class<? extends Message>> KINDS =
            List.of(TextMessage.class, BytesMessage.class, MapMessage.class, StreamMessage.class, ObjectMessage.class);
    private static final long OTHER_BYTES = 1024;

    private final Message source;
    private final Map<String, Object> properties = new LinkedHashMap<>();
    private PenstockDestination replyTo;

    private MigratedMessage(Message source) throws JMSException {
        this.source = source;
        readProperties();
        Destination destination = source.getJMSReplyTo();
        if (destination != null) {
            readReplyTo(destination);
        }
    }

    static Message of(Message source) throws JMSException {
        Class<?> kind = KINDS.stream()
                .<Class<?>>map(type -> type)
                .filter(type -> type.isInstance(source))
                .findFirst()
                .orElse(Message.class);
        return (Message) Proxy.newProxyInstance(
                MigratedMessage.class.getClassLoader(), new Class<?>[] {kind}, new MigratedMessage(source));
    }

    /** About the size of a body, for the bounds of a batch. */
    static long bodyBytes(Message message) throws JMSException {
        if (message instanceof TextMessage text) {
            return text.getText() == null ? 0 : text.getText().length();
        }
        return message instanceof BytesMessage bytes ? bytes.getBodyLength() : OTHER_BYTES;
    }

    private void readProperties() throws JMSException {
        Map<String, Object> renamed = new LinkedHashMap<>();
        Enumeration<?> names = source.getPropertyNames();
        while (names.hasMoreElements()) {
            String name = (String) names.nextElement();
            Object value = value(name, source.getObjectProperty(name));
            boolean absent = value == null && PropertyName.isJmsx(name);
            if (!absent && !name.equals(PropertyName.DELIVERY_COUNT)) {
                (isAllowed(name) ? properties : renamed).put(name, value);
            }
        }
        renamed.forEach((name, value) -> properties.putIfAbsent(PropertyName.ofHeader(name), value));
    }

    private static boolean isAllowed(String name) {
        return PropertyName.fault(name) == null && (!name.startsWith("JMS") || PropertyName.isKnownJms(name));
    }

    /** What is no value of a property by the specification becomes text. */
    private static Object value(String name, Object value) {
        if (name.equals(PropertyName.GROUP_ID)) {
            return value == null ? null : value.toString();
        } else if (name.equals(PropertyName.GROUP_SEQ)) {
            return value instanceof Number number ? (Object) number.intValue() : null;
        } else if (value instanceof byte[] bytes) {
            return "base64:" + Base64.getEncoder().encodeToString(bytes);
        }
        boolean allowed = value == null
                || value instanceof String
                || value instanceof Boolean
                || value instanceof Byte
                || value instanceof Short
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Float
                || value instanceof Double;
        return allowed ? value : value.toString();
    }

    private void readReplyTo(Destination destination) throws JMSException {
        boolean topic = !(destination instanceof Queue);
        String given = topic ? ((Topic) destination).getTopicName() : ((Queue) destination).getQueueName();
        // IBM MQ names a queue queue://MANAGER/NAME?options and a topic topic://NAME?options.
        String name = given.replaceFirst("^queue://[^/]*/", "")
                .replaceFirst("^topic://", "")
                .replaceFirst("\\?.*", "");
        if (!isTemporary(destination)) {
            try {
                PenstockDestination here = PenstockDestination.named(name, topic);
                if (!isTemporary(here)) {
                    replyTo = here;
                    return;
                }
            } catch (InvalidDestinationException e) {
                // Kept as a property below: no destination here can be called so.
            }
        }
        properties.put(REPLY_TO, (topic ? "topic://" : "queue://") + name);
    }

    private static boolean isTemporary(Destination destination) {
        return destination instanceof TemporaryQueue || destination instanceof TemporaryTopic;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] args) throws Throwable {
        String name = method.getName();
        if (name.startsWith("setJMS")) {
            return null; // The stamps.
        }
        return switch (name) {
            case "getJMSReplyTo" -> replyTo;
            case "getJMSDestination" -> null;
            case "getJMSDeliveryTime" -> deliveryTime();
            case "getPropertyNames" -> Collections.enumeration(List.copyOf(properties.keySet()));
            case "propertyExists" -> properties.containsKey((String) args[0]);
            case "getObjectProperty" -> properties.get((String) args[0]);
            case "setStringProperty" -> properties.put((String) args[0], args[1]);
            default -> asked(method, args);
        };
    }

    /** 0 of providers that know no delay, JMS 1.1. */
    private long deliveryTime() throws JMSException {
        try {
            return source.getJMSDeliveryTime();
        } catch (UnsupportedOperationException | AbstractMethodError e) {
            return 0;
        }
    }

    private Object asked(Method method, Object[] args) throws Throwable {
        try {
            return method.invoke(source, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
