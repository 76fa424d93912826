package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataException.Reason;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The steps of a start, each with a bound in time and a text for the user. On the thread that starts the broker. */
final class StoreOpening {
    private final int timeoutMillis;

    StoreOpening(int timeoutMillis) {
        this.timeoutMillis = timeoutMillis;
    }

    /** Waits for a step. */
    <T> T within(CompletableFuture<T> step, String failure) throws IOException {
        try {
            return step.get(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while connecting to ZooKeeper", e);
        } catch (ExecutionException e) {
            throw new MetadataException(
                    Reason.UNAVAILABLE, failure + ": " + e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new MetadataException(
                    Reason.UNAVAILABLE,
                    failure + " within " + timeoutMillis + " ms (zookeeper.connect, zookeeper.connection.timeout.ms)",
                    e);
        }
    }
}
