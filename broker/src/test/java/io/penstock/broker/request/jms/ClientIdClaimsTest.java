package io.penstock.broker.request.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.InMemoryMetadataStore;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.protocol.message.OpenConnectionRequest;
import io.penstock.protocol.message.PenstockError;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** JMS-RULES 13 in a cluster: what is claimed is given back, or nobody could use the client id for as long as its broker lives. */
@Timeout(10)
class ClientIdClaimsTest {
    private final SimulatedTime time = new SimulatedTime(1);
    private final SimulatedOwner loop = new SimulatedOwner(time, "loop");
    /** What the cluster knows: the connection of each client id. */
    private final Map<String, Long> claimed = new HashMap<>();

    private boolean unreachable;
    /** A claim's answer, when it does not come at once. */
    private CompletableFuture<Boolean> answersLate;

    private FrontException notLetIn;
    private MetadataStore members = members(2);
    private final ClientIdClaims claims = new ClientIdClaims(cluster(), 1, time, 100);
    private final JmsConnections connections = new JmsConnections(
            (socket, user) -> {
                if (notLetIn != null) {
                    throw notLetIn;
                }
                return "alice";
            },
            new ResumeTokens(new byte[32]),
            FrontLimits.defaults(),
            time,
            (topicId, partition, session) -> {},
            null,
            claims);

    private static MetadataStore members(int count) {
        InMemoryMetadataStore store = new InMemoryMetadataStore("cluster");
        for (int id = 1; id <= count; id++) {
            store.register(new BrokerImage(id, 0, "host" + id, 9092, null));
        }
        return store;
    }

    /** The members as they are now, and what they have claimed. */
    private MetadataStore cluster() {
        return (MetadataStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {MetadataStore.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "claimClientId":
                            if (unreachable) {
                                return CompletableFuture.failedFuture(new IllegalStateException("not now"));
                            }
                            long has = claimed.computeIfAbsent((String) arguments[0], id -> (Long) arguments[1]);
                            return answersLate != null
                                    ? answersLate
                                    : CompletableFuture.completedFuture(has == (long) arguments[1]);
                        case "releaseClientId":
                            claimed.remove(arguments[0], arguments[1]);
                            return null;
                        default:
                            try {
                                return method.invoke(members, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                    }
                });
    }

    private static final class Answer implements JmsConnections.Opened {
        JmsConnection connection;
        FrontException refusal;

        @Override
        public void opened(JmsConnection open, boolean resumed) {
            connection = open;
        }

        @Override
        public void refused(FrontException why) {
            refusal = why;
        }
    }

    private Answer open(SimulatedSocket socket, String clientId, long number) {
        Answer answer = new Answer();
        loop.execute(
                () -> connections.open(socket, new OpenConnectionRequest(clientId, null, null, 0), number, answer));
        pass(1);
        return answer;
    }

    private void pass(long millis) {
        time.runFor(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Test
    void anIdIsGivenBackAlsoWhenNoOtherBrokerIsLeft() {
        Answer first = open(new SimulatedSocket(loop), "desk", 7);
        assertEquals(Map.of("desk", 7L), claimed);

        members = members(1);
        connections.close(first.connection);

        assertEquals(Map.of(), claimed);
    }

    @Test
    void whatASecondOpeningOfASocketHasClaimedIsGivenBack() {
        SimulatedSocket socket = new SimulatedSocket(loop);
        Answer first = open(socket, "desk", 7);

        Answer second = open(socket, "table", 8);

        assertNotNull(first.connection);
        assertNotNull(second.refusal);
        assertEquals(Map.of("desk", 7L), claimed);
    }

    @Test
    void theSameIdOfASecondOpeningStaysTheFirstOnes() {
        SimulatedSocket socket = new SimulatedSocket(loop);
        open(socket, "desk", 7);

        Answer second = open(socket, "desk", 8);
        pass(100);

        assertNotNull(second.refusal);
        assertEquals(Map.of("desk", 7L), claimed);
    }

    @Test
    void whatIsClaimedForSomebodyWhoIsNotLetInIsGivenBack() {
        answersLate = new CompletableFuture<>();
        Answer answer = open(new SimulatedSocket(loop), "desk", 7);
        assertEquals(Map.of("desk", 7L), claimed);

        notLetIn = new FrontException(PenstockError.NOT_AUTHENTICATED, "the user has gone meanwhile");
        answersLate.complete(true);
        pass(1);

        assertNotNull(answer.refusal);
        assertEquals(Map.of(), claimed);
    }

    @Test
    void aClaimThatCouldNotBeRenewedIsTriedAgain() {
        members = members(1);
        Answer alone = open(new SimulatedSocket(loop), "desk", 7);
        assertEquals(Map.of(), claimed);
        members = members(2);
        unreachable = true;
        claims.renew(alone.connection, () -> {});
        pass(5_000);
        assertEquals(Map.of(), claimed);

        unreachable = false;
        pass(1_500);

        assertEquals(Map.of("desk", 7L), claimed);
        assertNull(alone.refusal);
    }

    @Test
    void aConnectionThatHasEndedIsNotRenewed() {
        members = members(1);
        Answer alone = open(new SimulatedSocket(loop), "desk", 7);
        members = members(2);
        unreachable = true;
        claims.renew(alone.connection, () -> {});

        connections.close(alone.connection);
        unreachable = false;
        pass(5_000);

        assertEquals(Map.of(), claimed);
    }
}
