package io.penstock.protocol.name;

/**
 * Ids of the groups that hold what a queue or subscription has settled.
 *
 * <pre>
 * queue                              QUEUE
 * durable subscription               CLIENTID/NAME or NAME, percent-escaped
 * shared, not durable subscription   ~CLIENTID/NAME or ~NAME, percent-escaped
 * consumer of its own                ~~TOKEN/CONSUMER
 * </pre>
 *
 * The tilde never comes from an escaped name, so durable and other subscriptions of one name stay apart (Messaging 3.1
 * §8.3.5).
 */
public final class GroupId {
    private static final String NOT_DURABLE = "~";
    private static final String NON_SHARED = "~~";

    private GroupId() {}

    /** Of a queue, the same as its name. */
    public static String ofQueue(String queueName) {
        return queueName;
    }

    /** @param clientId null for a shared subscription of a connection without one */
    public static String ofDurable(String clientId, String subscriptionName) {
        SubscriptionName.check(subscriptionName);
        return clientId == null
                ? Escape.escape(subscriptionName)
                : Escape.escape(clientId) + '/' + Escape.escape(subscriptionName);
    }

    /** @param clientId null for a connection without one */
    public static String ofSharedNonDurable(String clientId, String subscriptionName) {
        return NOT_DURABLE + ofDurable(clientId, subscriptionName);
    }

    /** Of a topic consumer that shares with nobody. */
    public static String ofConsumer(String connectionToken, int consumerId) {
        return NON_SHARED + Escape.escape(connectionToken) + '/' + consumerId;
    }

    /** Whether the group goes with its last consumer. */
    public static boolean endsWithConsumers(String groupId) {
        return groupId.startsWith(NOT_DURABLE);
    }

    /** The client id in a subscription's group id, or null. */
    public static String clientIdOf(String groupId) {
        int slash = groupId.indexOf('/');
        return slash < 0 ? null : Escape.unescape(groupId.substring(prefixChars(groupId), slash));
    }

    /** The subscription's name in its group id. */
    public static String subscriptionNameOf(String groupId) {
        int slash = groupId.indexOf('/');
        return Escape.unescape(groupId.substring(slash < 0 ? prefixChars(groupId) : slash + 1));
    }

    private static int prefixChars(String groupId) {
        if (groupId.startsWith(NON_SHARED)) {
            return NON_SHARED.length();
        }
        return groupId.startsWith(NOT_DURABLE) ? NOT_DURABLE.length() : 0;
    }
}
