package io.penstock.jms.wire;

import io.penstock.jms.PenstockDestination;
import io.penstock.jms.client.DestinationKind;
import io.penstock.jms.client.Target;
import io.penstock.jms.message.DeserializationPolicy;
import io.penstock.jms.message.MessageDecoder;
import io.penstock.jms.transport.RemoteErrorException;
import io.penstock.jms.transport.Transport;
import io.penstock.protocol.message.CreateTemporaryRequest;
import io.penstock.protocol.message.DeleteTemporaryRequest;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.ResolveRequest;
import io.penstock.protocol.message.ResolveResponse;
import io.penstock.protocol.name.InvalidNameException;
import io.penstock.protocol.name.TemporaryName;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** The destinations that a connection has found, and the temporary ones that it has made. Any thread. */
final class WireDestinations {
    private final WireConnection connection;
    private final DeserializationPolicy policy;
    private final Map<String, CompletableFuture<Target>> targets = new ConcurrentHashMap<>();
    /** Made by this connection and not deleted: made again when the connection is. */
    private final Map<String, DestinationKind> temporaries = new ConcurrentHashMap<>();

    WireDestinations(WireConnection connection, DeserializationPolicy policy) {
        this.connection = connection;
        this.policy = policy;
    }

    CompletableFuture<Target> resolve(String name, DestinationKind kind, int partitions) {
        if (TemporaryName.isTemporary(name)) {
            return temporary(name, kind);
        }
        String key = kind + " " + name;
        CompletableFuture<Target> known = targets.get(key);
        if (known != null && (!known.isDone() || isGood(known))) {
            return known;
        }
        CompletableFuture<Target> found = connection
                .call(
                        PenstockApi.RESOLVE,
                        new ResolveRequest(name, wireKind(kind), true, partitions),
                        ResolveResponse::read,
                        "looking for " + name)
                .thenApply(response -> new WireTarget(
                        name,
                        kind,
                        response.topicId(),
                        response.partitions().size(),
                        decoder(name, kind, response.topicId())));
        targets.put(key, found);
        return found;
    }

    /** Nobody is asked: the id follows from the name. Not kept, for a server that answers sees many. */
    private CompletableFuture<Target> temporary(String name, DestinationKind kind) {
        try {
            UUID topicId = TemporaryName.parse(name).topicId();
            return CompletableFuture.completedFuture(
                    new WireTarget(name, kind, topicId, 1, decoder(name, kind, topicId)));
        } catch (InvalidNameException e) {
            return CompletableFuture.failedFuture(new InvalidDestinationException(e.getMessage()));
        }
    }

    CompletableFuture<String> createTemporary(DestinationKind kind) {
        long unique = ThreadLocalRandom.current().nextLong(Long.MAX_VALUE);
        String name = new TemporaryName(connection.brokerId(), unique).text();
        return connection
                .call(
                        PenstockApi.CREATE_TEMPORARY,
                        new CreateTemporaryRequest(name, wireKind(kind)),
                        Calls::<Void>nothing,
                        "creating a temporary destination")
                .thenApply(nothing -> {
                    temporaries.put(name, kind);
                    return name;
                });
    }

    CompletableFuture<Void> deleteTemporary(String name) {
        return connection
                .call(
                        PenstockApi.DELETE_TEMPORARY,
                        new DeleteTemporaryRequest(name),
                        Calls::<Void>nothing,
                        "deleting " + name)
                .thenAccept(nothing -> temporaries.remove(name));
    }

    private MessageDecoder decoder(String name, DestinationKind kind, UUID topicId) {
        try {
            return new MessageDecoder(
                    PenstockDestination.named(name, kind == DestinationKind.TOPIC),
                    policy,
                    new PieceReader(connection, name, topicId));
        } catch (JMSException e) {
            throw new CompletionException(e);
        }
    }

    private static boolean isGood(CompletableFuture<Target> done) {
        return !done.isCompletedExceptionally() && done.join().isValid();
    }

    private static io.penstock.protocol.message.DestinationKind wireKind(DestinationKind kind) {
        return kind == DestinationKind.QUEUE
                ? io.penstock.protocol.message.DestinationKind.QUEUE
                : io.penstock.protocol.message.DestinationKind.TOPIC;
    }

    /** Under their old names: replies that are on the way find them. */
    void restoreTemporaries(Transport to) throws JMSException {
        String what = "making temporary destinations again";
        for (Map.Entry<String, DestinationKind> each : temporaries.entrySet()) {
            CreateTemporaryRequest request = new CreateTemporaryRequest(each.getKey(), wireKind(each.getValue()));
            try {
                WireConnection.get(
                        Calls.call(to, PenstockApi.CREATE_TEMPORARY, request, Calls::<Void>nothing, what),
                        connection.callTimeoutMillis(),
                        what);
            } catch (JMSException e) {
                if (!(e.getCause() instanceof RemoteErrorException)) {
                    throw e;
                }
                temporaries.remove(each.getKey());
                connection.report(e);
            }
        }
    }
}
