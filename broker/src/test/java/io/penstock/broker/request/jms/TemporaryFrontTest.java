package io.penstock.broker.request.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.protocol.message.AttachRequest;
import io.penstock.protocol.message.AttachSource;
import io.penstock.protocol.message.CreateTemporaryRequest;
import io.penstock.protocol.message.DeleteTemporaryRequest;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.DetachRequest;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.name.TemporaryName;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Temporary destinations at the level of the protocol; the numbers are those of the rules. */
@Timeout(60)
class TemporaryFrontTest {
    private static final TemporaryName NAME = new TemporaryName(1, 4711);
    private static final UUID ID = NAME.topicId();

    private final SimulatedFront front = new SimulatedFront(5);
    private final SimulatedClient owner = SimulatedClient.open(front, "owner");
    private final SimulatedClient other = SimulatedClient.open(front, null);

    private static AttachRequest attach(int consumer) {
        return new AttachRequest(
                1, consumer, ID, List.of(), AttachSource.QUEUE, null, 0, null, false, false, 10, 1 << 20);
    }

    private PenstockError create(SimulatedClient client, TemporaryName name) {
        return client.request(
                        PenstockApi.CREATE_TEMPORARY, new CreateTemporaryRequest(name.text(), DestinationKind.QUEUE))
                .error;
    }

    private PenstockError delete(SimulatedClient client) {
        return client.request(PenstockApi.DELETE_TEMPORARY, new DeleteTemporaryRequest(NAME.text())).error;
    }

    @Test
    void rule16OnlyItsConnectionAttachesAndItIsThereOnce() {
        assertEquals(PenstockError.NONE, create(owner, NAME));
        assertEquals(PenstockError.NONE, create(owner, NAME));
        assertEquals(PenstockError.INVALID_DESTINATION, create(other, NAME));
        assertEquals(PenstockError.INVALID_DESTINATION, other.request(PenstockApi.ATTACH, attach(1)).error);
        owner.ok(owner.request(PenstockApi.ATTACH, attach(1)));
        other.send(ID, 0, "a", "b");
        assertEquals(2, owner.awaitMessages(2).size());
        assertTrue(front.metadata.image().topic(NAME.text()).isEmpty());
    }

    @Test
    void rule16DeletingWaitsForItsConsumers() {
        assertEquals(PenstockError.UNKNOWN_DESTINATION, delete(owner));
        create(owner, NAME);
        owner.ok(owner.request(PenstockApi.ATTACH, attach(1)));
        assertEquals(PenstockError.DESTINATION_IN_USE, delete(owner));
        assertEquals(PenstockError.UNKNOWN_DESTINATION, delete(other));
        owner.ok(owner.request(PenstockApi.DETACH, new DetachRequest(1, 1, List.of())));
        assertEquals(PenstockError.NONE, delete(owner));
        assertEquals(PenstockError.UNKNOWN_DESTINATION, owner.request(PenstockApi.ATTACH, attach(2)).error);
    }

    @Test
    void rule17ItGoesWhenTheLeaseOfItsConnectionRunsOut() {
        create(owner, NAME);
        front.runFor(FrontLimits.defaults().leaseMillis() + 1_000L);
        SimulatedClient next = SimulatedClient.open(front, null);
        assertEquals(PenstockError.NONE, create(next, NAME)); // Nobody's: the name is free again.
    }

    @Test
    void aConnectionHasSoManyAndNoMore() {
        for (int i = 0; i < 10_000; i++) {
            assertEquals(PenstockError.NONE, create(owner, new TemporaryName(1, i)));
        }
        assertEquals(PenstockError.LIMIT_EXCEEDED, create(owner, new TemporaryName(1, 10_000)));
        assertEquals(
                PenstockError.INVALID_DESTINATION,
                owner.request(PenstockApi.CREATE_TEMPORARY, new CreateTemporaryRequest("queue", DestinationKind.QUEUE))
                        .error);
    }
}
