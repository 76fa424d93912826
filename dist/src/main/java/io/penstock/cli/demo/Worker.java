package io.penstock.cli.demo;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;

/**
 * A JMS client of the demo on a thread of its own. When the broker dies its connection is made again under it, and its
 * calls go on. A call that cannot be answered truthfully otherwise throws; then it begins anew with another connection.
 */
abstract class Worker implements Runnable {
    private static final long RETRY_MILLIS = 50;

    private final ConnectionFactory factory;
    private final String clientId;
    private volatile boolean stopping;
    private volatile Exception failure;
    private volatile JMSException last;

    Worker(ConnectionFactory factory, String clientId) {
        this.factory = factory;
        this.clientId = clientId;
    }

    /** Uses the connection until {@link #stopping}; a {@link JMSException} means: connect again. */
    abstract void work(Connection connection) throws JMSException, InterruptedException;

    final boolean stopping() {
        return stopping;
    }

    final void stop() {
        stopping = true;
    }

    /** An error that was not the broker's death, or null. */
    final Exception failure() {
        return failure;
    }

    /** Why the last connection was given up; null when none was. */
    final JMSException last() {
        return last;
    }

    @Override
    public final void run() {
        try {
            while (!stopping) {
                try (Connection connection = factory.createConnection()) {
                    if (clientId != null) {
                        connection.setClientID(clientId);
                    }
                    // What matters arrives as an exception of the call in progress.
                    connection.setExceptionListener(lost -> {});
                    connection.start();
                    work(connection);
                } catch (JMSException brokerGone) {
                    last = brokerGone;
                    Thread.sleep(RETRY_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    final Thread start(String name) {
        Thread thread = new Thread(this, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
