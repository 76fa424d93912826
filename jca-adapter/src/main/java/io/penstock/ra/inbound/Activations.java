package io.penstock.ra.inbound;

import io.penstock.ra.client.OwnLoader;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.UnavailableException;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.resource.spi.work.Work;
import jakarta.resource.spi.work.WorkException;
import jakarta.resource.spi.work.WorkManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints of a resource adapter that are active, and the container's threads and clock for them. Thread-safe. Closed
 * when the adapter stops.
 */
public final class Activations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Activations.class);

    /** One endpoint of one deployment: the same objects deactivate it. */
    private record Key(MessageEndpointFactory factory, ActivationSpec spec) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.factory == factory && key.spec == spec;
        }

        @Override
        public int hashCode() {
            return 31 * System.identityHashCode(factory) + System.identityHashCode(spec);
        }
    }

    private final BootstrapContext context;
    private final Map<Key, EndpointActivation> active = new LinkedHashMap<>();
    private Timer timer;
    private boolean closed;

    public Activations(BootstrapContext context) {
        this.context = context;
    }

    /** Begins to bring messages to an endpoint; returns before there is a connection. */
    public void activate(MessageEndpointFactory factory, ActivationSpec spec, EndpointSettings settings)
            throws ResourceException {
        EndpointActivation activation = new EndpointActivation(this, factory, settings);
        synchronized (this) {
            if (closed) {
                throw new jakarta.resource.spi.IllegalStateException("the resource adapter is stopped");
            }
            active.put(new Key(factory, spec), activation);
        }
        activation.start();
    }

    /** Returns when the endpoint is called no more. */
    public void deactivate(MessageEndpointFactory factory, ActivationSpec spec) {
        EndpointActivation activation;
        synchronized (this) {
            activation = active.remove(new Key(factory, spec));
        }
        if (activation != null) {
            activation.stop();
        }
    }

    @Override
    public void close() {
        List<EndpointActivation> all;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(active.values());
            active.clear();
            if (timer != null) {
                timer.cancel();
            }
        }
        all.forEach(EndpointActivation::stop);
    }

    /** Runs a task on one of the container's threads, later. */
    void runLater(Runnable task, long delayMillis) {
        if (delayMillis <= 0) {
            OwnLoader.run(() -> run(task));
            return;
        }
        synchronized (this) {
            if (closed) {
                return;
            }
            try {
                if (timer == null) {
                    timer = context.createTimer();
                }
            } catch (UnavailableException e) {
                throw new IllegalStateException("the container has no timer for the resource adapter", e);
            }
            timer.schedule(
                    new TimerTask() {
                        @Override
                        public void run() {
                            Activations.this.run(task);
                        }
                    },
                    delayMillis);
        }
    }

    private void run(Runnable task) {
        try {
            context.getWorkManager().scheduleWork(new Task(task), WorkManager.INDEFINITE, null, null);
        } catch (WorkException e) {
            LOG.error("the container takes no work from the resource adapter; an endpoint stays without messages", e);
        }
    }

    /** Forgets what it runs when it begins: idle threads of a server may remember the last work that they did. */
    private static final class Task implements Work {
        private final AtomicReference<Runnable> task;

        Task(Runnable task) {
            this.task = new AtomicReference<>(task);
        }

        @Override
        public void run() {
            task.getAndSet(null).run();
        }

        /** Stopping the endpoint ends it. */
        @Override
        public void release() {}
    }
}
