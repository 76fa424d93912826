package io.penstock.jms.session;

import io.penstock.jms.message.Acknowledger;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.Queue;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/** Messages and destinations that hold just what the session's logic looks at. */
final class FakeMessages {
    private FakeMessages() {}

    static TextMessage text(String body) {
        return received(body, 1, true, () -> {});
    }

    static TextMessage received(String body, int count, boolean persistent, Acknowledger acknowledger) {
        Map<String, Object> fields = new HashMap<>();
        fields.put("JMSExpiration", 0L);
        fields.put("JMSTimestamp", 0L);
        fields.put("JMSDeliveryTime", 0L);
        fields.put("JMSPriority", 4);
        fields.put("JMSDeliveryMode", persistent ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT);
        return (TextMessage) Proxy.newProxyInstance(
                Message.class.getClassLoader(), new Class<?>[] {TextMessage.class}, (proxy, method, args) -> {
                    String name = method.getName();
                    if (name.equals("acknowledge")) {
                        acknowledger.acknowledge();
                        return null;
                    }
                    if (name.equals("getText")) {
                        return body;
                    }
                    if (name.equals("getJMSRedelivered")) {
                        return count > 1;
                    }
                    if (name.equals("getIntProperty")) {
                        return count;
                    }
                    if (name.equals("propertyExists")) {
                        return false;
                    }
                    if (name.equals("getPropertyNames")) {
                        return Collections.emptyEnumeration();
                    }
                    if (name.equals("getBody")) {
                        if (args[0] != String.class) {
                            throw new MessageFormatException("text");
                        }
                        return body;
                    }
                    if (name.startsWith("setJMS")) {
                        fields.put(name.substring(3), args[0]);
                        return null;
                    }
                    if (name.startsWith("getJMS")) {
                        return fields.get(name.substring(3));
                    }
                    if (name.equals("toString")) {
                        return body;
                    }
                    return null;
                });
    }

    static Queue queue(String name) {
        return (Queue) Proxy.newProxyInstance(
                Queue.class.getClassLoader(), new Class<?>[] {Queue.class}, (proxy, method, args) -> name);
    }

    static Topic topic(String name) {
        return (Topic) Proxy.newProxyInstance(
                Topic.class.getClassLoader(), new Class<?>[] {Topic.class}, (proxy, method, args) -> name);
    }
}
