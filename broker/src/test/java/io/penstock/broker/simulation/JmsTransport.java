package io.penstock.broker.simulation;

import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.SendDurability;
import io.penstock.protocol.message.SendEntry;
import io.penstock.protocol.message.SendRequest;
import io.penstock.protocol.message.SendResponse;
import io.penstock.protocol.message.SendResult;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.function.LongConsumer;

/** Send of a JMS session. */
final class JmsTransport implements IdempotentWriter.Transport {
    private final World world;
    private final JmsLink link;
    private final Place place;
    private final UUID topicId;

    JmsTransport(World world, int machine, Place place, UUID topicId) {
        this.world = world;
        this.link = new JmsLink(world.cluster, machine, () -> {}, frame -> {});
        this.place = place;
        this.topicId = topicId;
    }

    @Override
    public void begin(LongConsumer producerId) {
        link.open(
                1 + world.random(world.cluster.size),
                resumed -> producerId.accept(resumed == null ? -1 : link.firstProducerId));
    }

    @Override
    public void send(int leader, ByteBuffer batch, Sent sent) {
        if (link.open() && link.broker() == leader) {
            sendHere(batch, sent);
            return;
        }
        link.close();
        link.open(leader, resumed -> {
            if (resumed == null) {
                sent.refused("not connected", false);
            } else {
                sendHere(batch, sent);
            }
        });
    }

    private void sendHere(ByteBuffer batch, Sent sent) {
        SendRequest request =
                new SendRequest(1, SendDurability.TOPIC, List.of(new SendEntry(topicId, place.partition(), batch)));
        link.ask(PenstockApi.SEND, request, new ClientChannel.Outcome<>() {
            @Override
            public void answered(Frames.PrivateAnswer answer) {
                if (answer.error() != PenstockError.NONE) {
                    link.close();
                    sent.refused(answer.error().name(), false);
                    return;
                }
                SendResult result =
                        SendResponse.read(answer.body(), (short) 0).entries().get(0);
                switch (result.error()) {
                    case NONE -> sent.stored(result.baseOffset());
                    case OUT_OF_ORDER_SEQUENCE, FENCED, INVALID_RECORD ->
                        sent.refused(result.error().name(), true);
                    default -> sent.refused(result.error().name(), false);
                }
            }

            @Override
            public void failed() {
                sent.refused("no answer", false);
            }
        });
    }
}
