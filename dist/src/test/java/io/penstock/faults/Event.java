package io.penstock.faults;

/** What a client did or saw, in the order in which it knew. A message is named by its stream (queue or topic) and a number. */
sealed interface Event {

    /** How something ended, as far as the client was told. */
    enum Outcome {
        DONE,
        NOT_DONE,
        /** It failed in a way that does not say whether it was done. */
        UNKNOWN
    }

    String stream();

    int number();

    /** @param sender what keeps its order: a session, a producer */
    record Sent(String stream, int number, int sender, Outcome outcome) implements Event {}

    /**
     * @param reader what has seen things in order, if the promise is one of order: a consumer, a partition of a log
     * @param count JMSXDeliveryCount; 0 where there is none
     */
    record Received(
            String stream, int number, String subscription, int sender, int reader, boolean redelivered, int count)
            implements Event {}

    /** The end of a delivery: acknowledged, committed. */
    record Settled(String stream, int number, String subscription, Outcome outcome) implements Event {}
}
