package io.penstock.broker.request.jms;

import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.request.ClientConnection;
import io.penstock.protocol.message.CloseConnectionRequest;
import io.penstock.protocol.message.ConsumerErrorPush;
import io.penstock.protocol.message.DeliverPush;
import io.penstock.protocol.message.DrainedPush;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PushHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The relays of one client's connection, one for each broker that leads what it uses, of the socket that it has now: a
 * client that comes back with another one takes everything up anew, at the other brokers too. When a broker goes from which
 * the client gets messages, the client's socket is closed: it comes back, and finds the new leaders. The connection's owner.
 */
final class Relays implements Relay.Listener {
    private final JmsConnection connection;
    private final PeerChannel peers;
    private final Map<Integer, Relay> relays = new HashMap<>();
    /** Brokers that may know the connection. */
    private final Set<Integer> known = new HashSet<>();

    private ClientConnection socket;
    private volatile boolean inUse;

    Relays(JmsConnection connection, PeerChannel peers) {
        this.connection = connection;
        this.peers = peers;
    }

    /** The relay to a broker, opened at its first use. */
    Relay to(int broker) {
        connection.owner().requireCurrent();
        if (socket != connection.socket()) {
            socket = connection.socket();
            relays.values().forEach(Relay::drop);
            relays.clear();
        }
        Relay present = relays.get(broker);
        if (present != null && !present.isOver()) {
            return present;
        }
        Relay made = new Relay(broker, peers, connection.owner(), this);
        relays.put(broker, made);
        known.add(broker);
        inUse = true;
        made.open(connection);
        return made;
    }

    /** False as long as no other broker was needed. Any thread. */
    boolean inUse() {
        return inUse;
    }

    /** Those that are open now. */
    List<Relay> open() {
        List<Relay> open = new ArrayList<>();
        for (Relay relay : relays.values()) {
            if (!relay.isOver()) {
                open.add(relay);
            }
        }
        return open;
    }

    @Override
    public void pushed(Relay relay, ByteBuffer push) {
        if (socket != connection.socket()) {
            return; // For a socket that the client has left: it attaches anew, and Hold gives this back.
        }
        ByteBuffer body = push.duplicate();
        PushHeader header = PushHeader.read(body);
        switch (header.kind()) {
            case DELIVER -> {
                DeliverPush deliver = DeliverPush.read(body, header.version());
                JmsConsumer consumer = connection.consumer(deliver.consumerId());
                if (consumer != null && consumer.remote() != null) {
                    consumer.remote().pushed(relay, deliver, push);
                }
            }
            case DRAINED -> {
                DrainedPush drained = DrainedPush.read(body, header.version());
                JmsConsumer consumer = connection.consumer(drained.consumerId());
                if (consumer != null) {
                    consumer.slotDrained(drained.drainId());
                }
            }
            case CONSUMER_ERROR -> {
                ConsumerErrorPush error = ConsumerErrorPush.read(body, header.version());
                JmsConsumer consumer = connection.consumer(error.consumerId());
                if (consumer != null && consumer.active()) {
                    consumer.detach(Map.of());
                    connection.push(Pushes.consumerError(error.consumerId(), error.error(), error.message()));
                }
            }
            case CONNECTION_ERROR -> connection.push(new BytesFrame(copy(push)));
        }
    }

    static ByteBuffer copy(ByteBuffer push) {
        return ByteBuffer.allocate(push.remaining()).put(push.duplicate()).flip();
    }

    @Override
    public void broken(Relay relay, Throwable why) {
        relays.remove(relay.broker(), relay);
        if (connection.takesFrom(relay) && connection.socket() == socket && socket != null) {
            socket.close("broker " + relay.broker() + " is gone, which leads what the client takes from: "
                    + FrontErrors.message(why));
        }
    }

    /** The connection is over, at the other brokers too. */
    void end() {
        for (int broker : known) {
            Relay last = relays.get(broker);
            if (last == null || last.isOver()) {
                last = new Relay(broker, peers, connection.owner(), new Nobody());
                last.open(connection);
            }
            last.ask(PenstockApi.CLOSE_CONNECTION, new CloseConnectionRequest(), body -> {}, failure -> {});
        }
        relays.clear();
        known.clear();
    }

    /** Of a connection that is over. */
    private static final class Nobody implements Relay.Listener {
        @Override
        public void pushed(Relay relay, ByteBuffer push) {
            // Nothing takes it: it goes back with the connection's end.
        }

        @Override
        public void broken(Relay relay, Throwable why) {
            // The other broker gives up what it cannot hear of.
        }
    }
}
