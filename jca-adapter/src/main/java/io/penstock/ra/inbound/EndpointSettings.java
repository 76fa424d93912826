package io.penstock.ra.inbound;

import io.penstock.ra.client.ConnectionDefaults;

/**
 * What an endpoint wants. Immutable.
 *
 * @param connectionFactoryLookup name of a connection factory that says where to connect; null for {@code connection}
 * @param selector null for none
 * @param sessions how many messages are worked on at once
 * @param prefetchMessages how many a session holds ahead; 0 for what fits
 * @param transactionTimeoutSeconds 0 for none of our own
 */
public record EndpointSettings(
        ConnectionDefaults connection,
        String connectionFactoryLookup,
        Place place,
        String selector,
        boolean dupsOk,
        Subscribing subscribing,
        int sessions,
        int prefetchMessages,
        Retry retry,
        int transactionTimeoutSeconds) {

    /** With a prefetch of 1 no message waits behind a slow one while other sessions are idle. */
    private static final int PREFETCH_OF_ONE_SESSION = 10;

    /**
     * Where messages come from.
     *
     * @param lookup a name in a naming context, or null
     * @param destination a name in a naming context or the broker, or null
     * @param jndi whether {@code destination} is looked up before it is a name in the broker
     * @param topic null for not said
     * @param jndiParams the naming context's, {@code name=value;name=value}, or null
     */
    public record Place(String lookup, String destination, boolean jndi, Boolean topic, String jndiParams) {}

    /**
     * How a topic is subscribed to.
     *
     * @param shared with endpoints of other servers
     * @param name null for a subscription without one
     */
    public record Subscribing(boolean durable, boolean shared, String name) {}

    /**
     * What is done when there is no broker.
     *
     * @param attempts -1 for as many as it takes
     */
    public record Retry(int attempts, long intervalMillis) {
        private static final int SLOWER_MAX = 8;

        /** @param failed attempts so far, 1 or more */
        public boolean again(int failed) {
            return attempts < 0 || failed < attempts;
        }

        /** Twice as long with each attempt, up to eight times. */
        public long delayMillis(int failed) {
            return intervalMillis * Math.min(SLOWER_MAX, 1L << Math.min(failed - 1, 3));
        }
    }

    int prefetch(int sessionsInUse) {
        if (prefetchMessages > 0) {
            return prefetchMessages;
        }
        return sessionsInUse > 1 ? 1 : PREFETCH_OF_ONE_SESSION;
    }
}
