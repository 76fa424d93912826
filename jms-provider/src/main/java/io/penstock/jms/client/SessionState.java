package io.penstock.jms.client;

/** The receiving side of a session, as its engine asks it after an interruption. On a thread of the engine that may wait. */
public interface SessionState {

    /** What the engine does with the answer. */
    interface Restoring {
        /**
         * Takes up the session again.
         *
         * @param held what the application has had, or is about to have, and the broker has not been told to settle
         * @return which of it will be delivered again by the broker
         */
        Lost held(Settlements held) throws jakarta.jms.JMSException;
    }

    /** Messages that a session does not hold any more. */
    interface Lost {
        Lost NOTHING = (consumer, partition, offset) -> false;

        boolean contains(ClientConsumer consumer, int partition, long offset);
    }

    /**
     * The connection was interrupted, and nobody has been pushed anything since: remembers what was handed out
     * ({@link HandOutMemory}), before others of the process can get it, and hands out nothing more of what outlives the
     * client. Who has nothing to remember does nothing.
     */
    default void interrupted() throws jakarta.jms.JMSException {}

    /** Forgets what was pushed and never handed out, and asks the engine while nothing is settled. */
    void restore(Restoring engine) throws jakarta.jms.JMSException;
}
