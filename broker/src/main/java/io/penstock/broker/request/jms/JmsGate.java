package io.penstock.broker.request.jms;

import io.penstock.storage.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * What every request passes: connections, rights, limits, and the wait for the recovery of decided commits, before
 * which no client may see a message that belongs to one. Any thread may call.
 */
final class JmsGate {
    private final JmsConnections connections;
    private final Authoriser authoriser;
    private final FrontLimits limits;
    private final Clock clock;
    private final List<Runnable> waiting = new ArrayList<>();
    private volatile boolean ready;

    JmsGate(JmsConnections connections, Authoriser authoriser, FrontLimits limits, Clock clock) {
        this.connections = connections;
        this.authoriser = authoriser;
        this.limits = limits;
        this.clock = clock;
    }

    JmsConnections connections() {
        return connections;
    }

    Authoriser authoriser() {
        return authoriser;
    }

    FrontLimits limits() {
        return limits;
    }

    Clock clock() {
        return clock;
    }

    boolean isReady() {
        return ready;
    }

    /** Runs {@code request} when the recovery is over; how many wait is bounded by the connections' own limits. */
    void whenReady(Runnable request) {
        synchronized (this) {
            if (!ready) {
                waiting.add(request);
                return;
            }
        }
        request.run();
    }

    void open() {
        List<Runnable> requests;
        synchronized (this) {
            ready = true;
            requests = List.copyOf(waiting);
            waiting.clear();
        }
        requests.forEach(Runnable::run);
    }
}
