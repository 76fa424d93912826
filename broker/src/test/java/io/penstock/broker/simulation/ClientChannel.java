package io.penstock.broker.simulation;

import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PrivateMessage;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * What a client machine has of connections: one to each broker that it asked, made when it is first needed. A request is
 * answered, or fails: with its connection, or when no answer came in time, and then its connection is given up.
 */
final class ClientChannel {
    private static final long TIMEOUT_NANOS = 3 * SimulatedCluster.SECOND;

    private final SimulatedCluster cluster;
    private final int machine;
    private final long timeoutNanos;
    private final Map<Integer, Connection> connections = new HashMap<>();
    /** Takes what brokers push, with the broker's id. */
    private Pushed pushed = (broker, frame) -> {};

    private Consumer<Integer> lost = broker -> {};

    /** A push by a broker. */
    interface Pushed {
        void pushed(int broker, ByteBuffer frame);
    }

    /** What becomes of a request: one of the two is called, once. */
    interface Outcome<T> {
        void answered(T answer);

        void failed();
    }

    ClientChannel(SimulatedCluster cluster, int machine) {
        this(cluster, machine, TIMEOUT_NANOS);
    }

    ClientChannel(SimulatedCluster cluster, int machine, long timeoutNanos) {
        this.timeoutNanos = timeoutNanos;
        this.cluster = cluster;
        this.machine = machine;
    }

    void onPush(Pushed listener) {
        pushed = listener;
    }

    /** Told the broker to which a connection is gone that stood. */
    void onLost(Consumer<Integer> listener) {
        lost = listener;
    }

    void ask(int broker, ApiKeys key, int version, ApiMessage request, Outcome<ApiMessage> outcome) {
        ByteBuffer body = Frames.bytes(request, (short) version);
        connection(broker)
                .ask(
                        correlation -> new Frames.KafkaAsk(correlation, key, (short) version, body),
                        answer -> outcome.answered(((Frames.KafkaAnswer) answer).response()),
                        outcome::failed);
    }

    void ask(int broker, PenstockApi api, PrivateMessage request, Outcome<Frames.PrivateAnswer> outcome) {
        ByteBuffer body = Frames.bytes(request);
        connection(broker)
                .ask(
                        correlation -> new Frames.PrivateAsk(correlation, api, body),
                        answer -> outcome.answered((Frames.PrivateAnswer) answer),
                        outcome::failed);
    }

    /** A request that gets no answer. */
    void tell(int broker, PenstockApi api, PrivateMessage request) {
        ByteBuffer body = Frames.bytes(request);
        connection(broker).tell(new Frames.PrivateAsk(-1, api, body));
    }

    private Connection connection(int broker) {
        return connections.computeIfAbsent(broker, Connection::new);
    }

    /** As when the process dies, or closes its socket. */
    void drop(int broker) {
        Connection connection = connections.remove(broker);
        if (connection != null) {
            connection.close();
        }
    }

    void dropAll() {
        List.copyOf(connections.keySet()).forEach(this::drop);
    }

    private interface Framed {
        Object frame(int correlation);
    }

    private record Waiting(Consumer<Object> answered, Runnable failed) {}

    private final class Connection implements SimulatedNetwork.Connecting, SimulatedNetwork.Receiver {
        private final int broker;
        private final Map<Integer, Waiting> waiting = new LinkedHashMap<>();
        private final Map<Integer, Object> unsent = new LinkedHashMap<>();
        private SimulatedNetwork.End end;
        private int nextCorrelation;
        private boolean over;

        Connection(int broker) {
            this.broker = broker;
            cluster.network.connect(machine, broker, this);
        }

        void ask(Framed request, Consumer<Object> answered, Runnable failed) {
            int correlation = nextCorrelation++;
            waiting.put(correlation, new Waiting(answered, failed));
            send(correlation, request.frame(correlation));
            cluster.time.after(timeoutNanos, () -> {
                if (waiting.containsKey(correlation)) {
                    fail();
                }
            });
        }

        void tell(Object frame) {
            send(-1 - nextCorrelation++, frame);
        }

        private void send(int correlation, Object frame) {
            if (end == null) {
                unsent.put(correlation, frame);
            } else {
                end.send(frame);
            }
        }

        @Override
        public SimulatedNetwork.Receiver connected(SimulatedNetwork.End client) {
            if (over) {
                client.close();
            } else {
                end = client;
                unsent.values().forEach(client::send);
                unsent.clear();
            }
            return this;
        }

        @Override
        public void failed(boolean refused) {
            fail();
        }

        @Override
        public void received(Object message) {
            if (over) {
                return;
            }
            if (message instanceof Frames.Push push) {
                pushed.pushed(broker, push.frame());
                return;
            }
            int correlation = message instanceof Frames.PrivateAnswer answer
                    ? answer.correlation()
                    : ((Frames.KafkaAnswer) message).correlation();
            Waiting known = waiting.remove(correlation);
            if (known != null) {
                known.answered.accept(message);
            }
        }

        @Override
        public void closed() {
            fail();
        }

        private void fail() {
            if (over) {
                return;
            }
            connections.remove(broker, this);
            close();
            List<Waiting> left = List.copyOf(waiting.values());
            waiting.clear();
            left.forEach(each -> each.failed.run());
            lost.accept(broker);
        }

        void close() {
            over = true;
            if (end != null) {
                end.close();
            }
        }
    }
}
