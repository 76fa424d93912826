package io.penstock.broker.wire;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The connections of a server over which nobody has logged in yet. They are few, and not for long: when there are too many, the oldest
 * goes, for a login takes milliseconds. Any thread.
 */
final class Newcomers {
    private final LoginLimits limits;
    private final Set<Connection> waiting = new LinkedHashSet<>();

    Newcomers(LoginLimits limits) {
        this.limits = limits;
    }

    LoginLimits limits() {
        return limits;
    }

    /** On the connection's loop. */
    void arrived(Connection connection) {
        Connection oldest = null;
        synchronized (this) {
            waiting.add(connection);
            if (waiting.size() > limits.connectionsMax()) {
                Iterator<Connection> inOrder = waiting.iterator();
                oldest = inOrder.next();
                inOrder.remove();
            }
        }
        if (oldest != null) {
            oldest.close("it has not logged in, and " + limits.connectionsMax() + " others have not either");
        }
        connection.loop().schedule(() -> late(connection), TimeUnit.MILLISECONDS.toNanos(limits.millis()));
    }

    private void late(Connection connection) {
        if (left(connection)) {
            connection.close("nobody has logged in within " + limits.millis() + " ms");
        }
    }

    /** The connection has logged in, or is gone; false when that was so before. */
    synchronized boolean left(Connection connection) {
        return waiting.remove(connection);
    }

    synchronized int count() {
        return waiting.size();
    }
}
