package io.penstock.faults;

import java.util.List;

/** Clients of one kind, in threads of their own, that work until the {@link Course} says that it is enough. */
interface Load {

    /** Makes destinations and starts; readers first, so that nothing is sent before subscriptions are there. */
    void start() throws Exception;

    /** What the history is to be held against. */
    List<Promise> promises();

    /** Waits until the senders have ended, after {@link Course#endSending}. */
    void joinSenders() throws InterruptedException;

    /** Waits until all have ended, after {@link Course#endReading}, and reads what is to be read of logs then. */
    void finish() throws Exception;

    /** Violations while something is still on its way. */
    default void checkComplete(HistoryChecker checker) {}

    /** What is to be said of the promises together, such as that transactions are whole. */
    default void check(HistoryChecker checker) {}
}
