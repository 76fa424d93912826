package io.penstock.jms.message;

import io.penstock.protocol.jms.PropertyName;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The properties of one message: which names and values are allowed, and whether they may be changed. */
final class MessageProperties {
    private Map<String, Object> values = Map.of();
    private boolean readOnly;
    /** JMSXDeliveryCount of a received message, 0 for none. */
    private int deliveryCount;

    void received(int count) {
        deliveryCount = count;
        readOnly = true;
    }

    void clear() {
        values = Map.of();
        readOnly = false;
        deliveryCount = 0;
    }

    boolean exists(String name) {
        return values.containsKey(name) || hasDeliveryCount(name);
    }

    Object get(String name) {
        if (name == null) {
            throw new IllegalArgumentException("a property needs a name");
        }
        return hasDeliveryCount(name) ? (Object) deliveryCount : values.get(name);
    }

    private boolean hasDeliveryCount(String name) {
        return deliveryCount > 0 && PropertyName.DELIVERY_COUNT.equals(name);
    }

    /** Those that travel with the message, JMSXGroupID among them; not to be changed. */
    Map<String, Object> values() {
        return values;
    }

    List<String> names() {
        List<String> names = new ArrayList<>(values.keySet());
        if (deliveryCount > 0) {
            names.add(PropertyName.DELIVERY_COUNT);
        }
        return names;
    }

    /** For what the application sets. */
    void set(String name, Object value) throws JMSException {
        String fault = PropertyName.fault(name);
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
        if (name.startsWith("JMS") && !PropertyName.isKnownJms(name)) {
            throw new IllegalArgumentException(
                    "property name '" + name + "': names that begin with JMS are the specification's own");
        }
        if (readOnly) {
            throw new MessageNotWriteableException(
                    "the properties of a received message cannot be changed before clearProperties()");
        }
        if (!Conversions.isPropertyValue(value)) {
            throw new MessageFormatException("property '" + name + "' cannot be a "
                    + value.getClass().getName() + "; boxed primitives and String are allowed");
        }
        checkJmsx(name, value);
        if (!name.equals(PropertyName.DELIVERY_COUNT)) {
            put(name, value);
        } // Else it is the provider's to set; copying all properties of a received message must go well, though.
    }

    private static void checkJmsx(String name, Object value) throws MessageFormatException {
        if (name.equals(PropertyName.GROUP_ID) && value != null && !(value instanceof String)) {
            throw new MessageFormatException(
                    name + " is a String, not a " + value.getClass().getSimpleName());
        }
        if (name.equals(PropertyName.GROUP_SEQ) && !(value instanceof Integer)) {
            throw new MessageFormatException(name + " is an int");
        }
    }

    /** For what a record says; no questions asked. */
    void put(String name, Object value) {
        if (values.isEmpty()) {
            values = new LinkedHashMap<>();
        }
        values.put(name, value);
    }
}
