package io.penstock.broker.request.jms;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.InMemoryMetadataStore;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.replication.PeerChannel.PeerCallback;
import io.penstock.broker.replication.PeerChannel.PeerReply;
import io.penstock.broker.replication.PeerException;
import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.request.ClientConnection.OutgoingFrame;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.time.Owner;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Several fronts that lead a partition each, of one authority, with a network between them that delays what it carries and
 * loses the answers of those who die. Leaderships do not move: who is dead leads again when it is back.
 */
final class SimulatedCluster {
    final SimulatedTime time;
    final InMemoryMetadataStore metadata;
    private final Map<Integer, SimulatedFront> fronts = new HashMap<>();
    private final List<InFlight> inFlight = new ArrayList<>();
    private final Map<List<Integer>, Way> ways = new LinkedHashMap<>();

    SimulatedCluster(long seed, int brokers, int loops, LogConfig.FlushPolicy policy) {
        time = new SimulatedTime(seed);
        metadata = SimulatedFront.metadata(seed);
        for (int id = 1; id <= brokers; id++) {
            Map<Integer, SimulatedPeers.Line> lines = new HashMap<>();
            for (int other = 1; other <= brokers; other++) {
                lines.put(other, line(id, other));
            }
            fronts.put(id, new SimulatedFront(id, time, seed, metadata, lines, loops, policy));
            metadata.register(new BrokerImage(id, 0, "127.0.0.1", 9000 + id, null));
        }
        fronts.values().forEach(SimulatedFront::start);
    }

    SimulatedFront front(int id) {
        return fronts.get(id);
    }

    /** Partition i is led by the i-th of {@code leaders}. */
    void topic(String name, Map<String, String> config, int... leaders) {
        List<List<Integer>> assignments = new ArrayList<>();
        for (int leader : leaders) {
            assignments.add(List.of(leader));
        }
        metadata.createTopic(new MetadataStore.NewTopic(name, leaders.length, (short) -1, assignments, config));
    }

    void kill(int id) {
        fronts.get(id).kill();
        metadata.unregister(id);
        for (InFlight each : List.copyOf(inFlight)) {
            if (each.to == id) {
                each.fail(PeerException.Reason.NO_ANSWER);
            } else if (each.from == id) {
                inFlight.remove(each);
                each.answered = true;
            }
        }
        ways.forEach((ends, way) -> {
            if (ends.get(0) == id && fronts.get(ends.get(2)).isAlive()) {
                way.socket.close("the other broker died");
            }
        });
        ways.keySet().removeIf(ends -> ends.get(0) == id || ends.get(2) == id);
    }

    void restart(int id) {
        metadata.register(new BrokerImage(id, 0, "127.0.0.1", 9000 + id, null));
        fronts.get(id).start();
    }

    void runFor(long millis) {
        time.runFor(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private SimulatedPeers.Line line(int from, int to) {
        return (api, body, owner, timeoutNanos, callback) -> {
            InFlight request = new InFlight(from, to, owner, callback);
            inFlight.add(request);
            owner.schedule(() -> request.fail(PeerException.Reason.NO_ANSWER), timeoutNanos);
            SimulatedFront front = fronts.get(to);
            if (!front.isAlive()) {
                request.fail(PeerException.Reason.UNREACHABLE);
                return;
            }
            // Over one connection: what is sent first arrives first.
            int life = front.life();
            int fromLife = fronts.get(from).life();
            Way way = ways.computeIfAbsent(List.of(from, fromLife, to, life), made -> new Way(front));
            way.freeNanos = Math.max(way.freeNanos + 1, time.nanos() + delayNanos());
            time.after(way.freeNanos - time.nanos(), () -> {
                if (front.isAlive() && front.life() == life && !way.socket.closed) {
                    front.loop(0).execute(() -> handle(front, api, body, request, way.socket));
                }
            });
        };
    }

    /** From one life of a broker to one of another. */
    private static final class Way {
        private final SimulatedSocket socket;
        private long freeNanos;

        Way(SimulatedFront to) {
            socket = new SimulatedSocket(to.loop(0));
        }
    }

    private long delayNanos() {
        return 10_000 + time.random().nextInt(2_000_000);
    }

    private static void handle(
            SimulatedFront front, PenstockApi api, ByteBuffer body, InFlight request, SimulatedSocket socket) {
        try {
            front.handler(api).handle(request.call(front, socket), body);
        } catch (Exception e) {
            throw new AssertionError(api + " threw", e);
        }
    }

    /** A request between brokers. */
    private final class InFlight {
        private final int from;
        private final int to;
        private final Owner owner;
        private final PeerCallback callback;
        private boolean answered;

        InFlight(int from, int to, Owner owner, PeerCallback callback) {
            this.from = from;
            this.to = to;
            this.owner = owner;
            this.callback = callback;
        }

        void fail(PeerException.Reason reason) {
            end(() -> callback.failed(new PeerException(reason, "broker " + to + " is dead")));
        }

        private void end(Runnable told) {
            inFlight.remove(this);
            if (!answered) {
                answered = true;
                owner.schedule(told, delayNanos());
            }
        }

        PrivateHandler.Call call(SimulatedFront front, SimulatedSocket socket) {
            int life = front.life();
            return new PrivateHandler.Call() {
                @Override
                public ClientConnection connection() {
                    return socket;
                }

                @Override
                public short version() {
                    return 0;
                }

                @Override
                public int correlationId() {
                    return 0;
                }

                @Override
                public void retain() {
                    // The buffer stays.
                }

                @Override
                public void reply(OutgoingFrame body) {
                    ByteBuffer bytes = body == null ? ByteBuffer.allocate(0) : SimulatedSocket.bytes(body);
                    if (front.isAlive() && front.life() == life) {
                        end(() -> callback.replied(new Answer(bytes)));
                    }
                }

                @Override
                public void fail(PenstockError error, String message) {
                    if (front.isAlive() && front.life() == life) {
                        end(() -> callback.failed(new PeerException(
                                PeerException.Reason.REFUSED, error, "broker " + to + ": " + message)));
                    }
                }

                @Override
                public void done() {
                    throw new AssertionError("every request between brokers is answered");
                }
            };
        }
    }

    private record Answer(ByteBuffer body) implements PeerReply {
        @Override
        public void retain() {
            // The buffer stays.
        }

        @Override
        public void release() {
            // As above.
        }
    }
}
