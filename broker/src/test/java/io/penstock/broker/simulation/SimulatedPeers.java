package io.penstock.broker.simulation;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.replication.PeerException;
import io.penstock.broker.replication.PeerException.Reason;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.storage.time.Owner;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/** The connections of one life of a broker to the others, by the rules of {@code wire.PeerConnection}. */
final class SimulatedPeers implements PeerChannel {
    private static final long PAUSE_MIN_NANOS = 20_000_000;
    private static final long PAUSE_MAX_NANOS = 1_000_000_000;

    private final int brokerId;
    private final Owner loop;
    private final SimulatedNetwork network;
    private final IntFunction<Optional<BrokerImage>> addresses;
    private final Map<Integer, Peer> peers = new HashMap<>();
    private final List<PeerWatcher> watchers = new ArrayList<>();
    private boolean closed;

    SimulatedPeers(int brokerId, Owner loop, SimulatedNetwork network, IntFunction<Optional<BrokerImage>> addresses) {
        this.brokerId = brokerId;
        this.loop = loop;
        this.network = network;
        this.addresses = addresses;
    }

    private enum Phase {
        IDLE,
        CONNECTING,
        OPEN,
        PAUSED
    }

    private record Outgoing(PenstockApi api, ByteBuffer body, Owner owner, long timeoutNanos, PeerCallback callback) {
        void fail(PeerException failure) {
            owner.run(() -> callback.failed(failure));
        }
    }

    private record InFlight(Outgoing request, Owner.Cancellable timer) {}

    private record Reply(ByteBuffer body) implements PeerReply {
        @Override
        public void retain() {
            // On the heap.
        }

        @Override
        public void release() {
            // As above.
        }
    }

    /** The connection to one broker. */
    private final class Peer implements SimulatedNetwork.Connecting {
        private final int id;
        private final ArrayDeque<Outgoing> waiting = new ArrayDeque<>();
        private final Map<Integer, InFlight> inFlight = new HashMap<>();
        private Phase phase = Phase.IDLE;
        private BrokerImage peer;
        private SimulatedNetwork.End end;
        private int nextCorrelation;
        private long pauseNanos;
        private boolean held;

        Peer(int id) {
            this.id = id;
        }

        void send(Outgoing request) {
            if (closed) {
                request.fail(new PeerException(Reason.UNREACHABLE, "this broker stops"));
                return;
            }
            if (phase == Phase.OPEN && outdated()) {
                broken("broker " + id + " has registered anew");
            }
            switch (phase) {
                case OPEN -> write(request);
                case PAUSED -> request.fail(new PeerException(Reason.UNREACHABLE, "broker " + id + " is away"));
                case CONNECTING, IDLE -> {
                    waiting.add(request);
                    if (phase == Phase.IDLE) {
                        connect();
                    }
                }
            }
        }

        private boolean outdated() {
            Optional<BrokerImage> now = addresses.apply(id);
            return now.isPresent() && !now.get().equals(peer);
        }

        void connect() {
            peer = closed ? null : addresses.apply(id).orElse(null);
            if (peer == null) {
                pause("broker " + id + " is not registered");
                return;
            }
            phase = Phase.CONNECTING;
            network.connect(brokerId, id, this);
        }

        @Override
        public SimulatedNetwork.Receiver connected(SimulatedNetwork.End client) {
            loop.execute(() -> open(client));
            return new SimulatedNetwork.Receiver() {
                @Override
                public void received(Object message) {
                    loop.execute(() -> {
                        if (end == client) {
                            answered((Frames.PrivateAnswer) message);
                        }
                    });
                }

                @Override
                public void closed() {
                    loop.execute(() -> {
                        if (end == client) {
                            broken("the connection to broker " + id + " broke");
                        }
                    });
                }
            };
        }

        private void open(SimulatedNetwork.End client) {
            if (closed) {
                client.close();
                return;
            }
            end = client;
            phase = Phase.OPEN;
            pauseNanos = 0;
            BrokerImage to = peer;
            watchers.forEach(watcher -> watcher.connected(to));
            // If it is gone already, that is the next thing to be heard of it.
            for (Outgoing next = waiting.poll(); next != null; next = waiting.poll()) {
                write(next);
            }
        }

        @Override
        public void failed(boolean refused) {
            loop.execute(() -> {
                BrokerImage to = peer;
                if (refused) {
                    watchers.forEach(watcher -> watcher.refused(to));
                }
                pause("broker " + id + " cannot be reached");
            });
        }

        private void pause(String why) {
            phase = Phase.PAUSED;
            pauseNanos = Math.min(PAUSE_MAX_NANOS, Math.max(PAUSE_MIN_NANOS, 2 * pauseNanos));
            for (Outgoing next = waiting.poll(); next != null; next = waiting.poll()) {
                next.fail(new PeerException(Reason.UNREACHABLE, why));
            }
            loop.schedule(
                    () -> {
                        phase = Phase.IDLE;
                        if (held && !closed) {
                            connect();
                        }
                    },
                    pauseNanos);
        }

        private void broken(String why) {
            SimulatedNetwork.End was = end;
            end = null;
            phase = Phase.IDLE;
            was.close();
            BrokerImage lost = peer;
            List<InFlight> unanswered = new ArrayList<>(inFlight.values());
            inFlight.clear();
            for (InFlight each : unanswered) {
                each.timer.cancel();
                each.request.fail(new PeerException(Reason.NO_ANSWER, why));
            }
            watchers.forEach(watcher -> watcher.lost(lost));
            if (held && !closed && phase == Phase.IDLE) {
                connect();
            }
        }

        private void write(Outgoing request) {
            int correlation = nextCorrelation++;
            Owner.Cancellable timer = loop.schedule(
                    () -> {
                        InFlight late = inFlight.remove(correlation);
                        if (late != null) {
                            late.request.fail(new PeerException(Reason.NO_ANSWER, "no answer in time"));
                        }
                    },
                    request.timeoutNanos);
            inFlight.put(correlation, new InFlight(request, timer));
            end.send(new Frames.PrivateAsk(correlation, request.api, request.body));
        }

        private void answered(Frames.PrivateAnswer answer) {
            InFlight known = inFlight.remove(answer.correlation());
            if (known == null) {
                return; // it came too late
            }
            known.timer.cancel();
            if (answer.error() != PenstockError.NONE) {
                known.request.fail(new PeerException(Reason.REFUSED, answer.error(), answer.message()));
                return;
            }
            known.request.owner.run(() -> known.request.callback.replied(new Reply(answer.body())));
        }

        void hold(boolean hold) {
            held = hold;
            if (hold && phase == Phase.IDLE) {
                connect();
            }
        }
    }

    private Peer peer(int id) {
        return peers.computeIfAbsent(id, Peer::new);
    }

    @Override
    public void send(
            int to, PenstockApi api, PrivateMessage body, Owner owner, long timeoutNanos, PeerCallback callback) {
        ByteBuffer bytes = Frames.bytes(body);
        loop.execute(() -> peer(to).send(new Outgoing(api, bytes, owner, timeoutNanos, callback)));
    }

    @Override
    public void hold(int id, boolean hold) {
        loop.execute(() -> peer(id).hold(hold));
    }

    @Override
    public void watch(PeerWatcher watcher) {
        watchers.add(watcher);
    }

    @Override
    public void close() {
        closed = true;
        loop.execute(() -> peers.values().forEach(peer -> {
            if (peer.end != null) {
                peer.end.close();
            }
        }));
    }
}
