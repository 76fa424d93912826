package io.penstock.broker.replication;

import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.ReplicaFetchRequest;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Connections between simulated brokers: in order, with delays; a connection can be broken, and a link can stand still,
 * after which everything arrives late.
 */
final class SimulatedNetwork {
    private static final long DELAY_NANOS = 300_000;
    private static final long STALL_NANOS = 400_000_000;

    private final SimulatedTime time;
    private final Map<Integer, Node> nodes = new HashMap<>();
    private final Map<Link, Connection> connections = new HashMap<>();
    private final Map<Link, Long> stalledUntil = new HashMap<>();
    private final Map<Link, Long> cutUntil = new HashMap<>();

    private record Link(int from, int to) {}

    /** Who is there. */
    interface Node {
        void fetch(ReplicaFetchRequest request, Object connection, FetchReply reply);

        void disconnected(int brokerId, Object connection);

        /** Runs a task of its own, unless it died. */
        void run(Runnable task);
    }

    /** From one broker to another; a broken one is not used again. */
    private final class Connection {
        private final Link link;
        private final Node server;
        private final List<Pending> pending = new ArrayList<>();
        private long lastRequestNanos;
        private long lastReplyNanos;
        private boolean broken;

        Connection(Link link, Node server) {
            this.link = link;
            this.server = server;
        }

        void deliver(boolean request, Runnable task) {
            long at = time.nanos() + 1_000 + time.random().nextLong(DELAY_NANOS);
            long stalled = stalledUntil.getOrDefault(request ? link : new Link(link.to, link.from), 0L);
            at = Math.max(at, stalled);
            if (request) {
                at = Math.max(at, lastRequestNanos + 1);
                lastRequestNanos = at;
            } else {
                at = Math.max(at, lastReplyNanos + 1);
                lastReplyNanos = at;
            }
            time.after(at - time.nanos(), () -> {
                if (!broken) {
                    task.run();
                }
            });
        }

        void breakNow() {
            if (broken) {
                return;
            }
            broken = true;
            connections.remove(link, this);
            for (Pending each : List.copyOf(pending)) {
                each.fail(PeerException.Reason.NO_ANSWER, "the connection broke");
            }
            time.after(
                    time.random().nextLong(DELAY_NANOS), () -> server.run(() -> server.disconnected(link.from, this)));
        }
    }

    private final class Pending {
        private final Connection on;
        private final Owner owner;
        private final PeerChannel.PeerCallback callback;
        private boolean done;

        Pending(Connection on, Owner owner, PeerChannel.PeerCallback callback) {
            this.on = on;
            this.owner = owner;
            this.callback = callback;
        }

        private boolean first() {
            boolean first = !done;
            done = true;
            on.pending.remove(this);
            return first;
        }

        void fail(PeerException.Reason reason, String why) {
            if (first()) {
                owner.execute(() -> callback.failed(new PeerException(reason, why)));
            }
        }

        void refuse(PenstockError error, String why) {
            if (first()) {
                owner.execute(() -> callback.failed(new PeerException(PeerException.Reason.REFUSED, error, why)));
            }
        }

        void reply(ByteBuffer body) {
            if (first()) {
                owner.execute(() -> callback.replied(new Reply(body)));
            }
        }
    }

    private record Reply(ByteBuffer body) implements PeerChannel.PeerReply {
        @Override
        public void retain() {
            // On the heap.
        }

        @Override
        public void release() {
            // As above.
        }
    }

    SimulatedNetwork(SimulatedTime time) {
        this.time = time;
    }

    void join(int brokerId, Node node) {
        nodes.put(brokerId, node);
    }

    void leave(int brokerId) {
        nodes.remove(brokerId);
        breakWhere(link -> link.from == brokerId || link.to == brokerId);
    }

    private void breakWhere(java.util.function.Predicate<Link> which) {
        for (Connection each : new ArrayList<>(connections.values())) {
            if (which.test(each.link)) {
                each.breakNow();
            }
        }
    }

    /** No connection between the two, in either direction. */
    void cut(int one, int other, long nanos) {
        cutUntil.put(new Link(one, other), time.nanos() + nanos);
        cutUntil.put(new Link(other, one), time.nanos() + nanos);
        breakWhere(link -> link.from == one && link.to == other || link.from == other && link.to == one);
    }

    /** What goes from one to the other arrives late. */
    void stall(int from, int to) {
        stalledUntil.put(new Link(from, to), time.nanos() + STALL_NANOS);
    }

    void healAll() {
        cutUntil.clear();
        stalledUntil.clear();
    }

    PeerChannel channel(int from) {
        return new Channel(from);
    }

    private final class Channel implements PeerChannel {
        private final int from;

        Channel(int from) {
            this.from = from;
        }

        @Override
        public void send(
                int to, PenstockApi api, PrivateMessage body, Owner owner, long timeoutNanos, PeerCallback callback) {
            Link link = new Link(from, to);
            Node server = nodes.get(to);
            boolean cut = cutUntil.getOrDefault(link, 0L) > time.nanos();
            if (server == null || cut) {
                time.after(
                        DELAY_NANOS,
                        () -> owner.execute(() -> callback.failed(
                                new PeerException(PeerException.Reason.UNREACHABLE, "nobody at " + to))));
                return;
            }
            Connection connection = connections.computeIfAbsent(link, made -> new Connection(made, server));
            Pending pending = new Pending(connection, owner, callback);
            connection.pending.add(pending);
            ByteBuffer bytes = ByteBuffer.allocate(body.sizeBytes());
            body.writeTo(bytes);
            bytes.flip();
            time.after(timeoutNanos, () -> pending.fail(PeerException.Reason.NO_ANSWER, "timed out"));
            connection.deliver(
                    true,
                    () -> server.run(() -> server.fetch(
                            ReplicaFetchRequest.read(bytes, (short) 0),
                            connection,
                            new Answering(connection, pending))));
        }

        @Override
        public void hold(int brokerId, boolean hold) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void watch(PeerWatcher watcher) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    private record Answering(Connection connection, Pending pending) implements FetchReply {
        @Override
        public void answer(FetchAnswer answer) {
            ByteBuffer body = ByteBuffer.allocate(answer.sizeBytes());
            try {
                answer.writeTo(body);
            } catch (IOException e) {
                connection.breakNow();
                return;
            } finally {
                answer.release();
            }
            body.flip();
            connection.deliver(false, () -> pending.reply(body));
        }

        @Override
        public void fail(PenstockError error, String message) {
            connection.deliver(false, () -> pending.refuse(error, message));
        }
    }
}
