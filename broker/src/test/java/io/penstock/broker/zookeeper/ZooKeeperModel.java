package io.penstock.broker.zookeeper;

import io.penstock.storage.simulation.SimulatedTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.proto.CheckVersionRequest;
import org.apache.zookeeper.proto.CreateRequest;
import org.apache.zookeeper.proto.DeleteRequest;
import org.apache.zookeeper.proto.SetDataRequest;

/**
 * ZooKeeper in one thread of simulated time: a tree, sessions that expire, ephemeral nodes, multis, one recursive watch
 * for each session. What a session sends and gets keeps its order and is delayed at random. A {@link Client} can be cut
 * off (requests under way are lost or done, answers are lost), paused with its process, or killed.
 */
public final class ZooKeeperModel {
    private final SimulatedTime time;
    private final int timeoutMillis;
    private final long delayMaxNanos;
    private final TreeMap<String, Node> tree = new TreeMap<>();
    private final Map<Long, Session> sessions = new LinkedHashMap<>();
    private final List<Consumer<Write>> writeListeners = new ArrayList<>();
    private Predicate<Op> ignoredChecks = op -> false;
    private long zxid;
    private long nextSession = 1;

    /** A node's value before and after a write; null where there is none. */
    public record Write(String client, String path, byte[] before, byte[] after, int version) {}

    private static final class Node {
        byte[] value;
        int version;
        long createdZxid;
        long modifiedZxid;
        long owner;

        Stat stat() {
            Stat stat = new Stat();
            stat.setVersion(version);
            stat.setCzxid(createdZxid);
            stat.setMzxid(modifiedZxid);
            stat.setEphemeralOwner(owner);
            return stat;
        }
    }

    public ZooKeeperModel(SimulatedTime time, int timeoutMillis, long delayMaxNanos) {
        this.time = time;
        this.timeoutMillis = timeoutMillis;
        this.delayMaxNanos = delayMaxNanos;
        tree.put("/", new Node());
        List<Op> foundation = new ArrayList<>(ClusterFoundation.nodes("model"));
        run(null, foundation, new ArrayList<>());
    }

    /** Is told every write, when it happens. */
    public void onWrite(Consumer<Write> listener) {
        writeListeners.add(listener);
    }

    /** Sabotage: checks (and versions of writes) that this model lets pass whatever they say. */
    public void ignoreChecks(Predicate<Op> which) {
        ignoredChecks = which;
    }

    /** Null when there is no such node. */
    public byte[] value(String path) {
        Node node = tree.get(path);
        return node == null ? null : node.value;
    }

    /** One process that uses ZooKeeper. */
    public Client client(String name) {
        return new Client(name);
    }

    /** What a process has of ZooKeeper: its sessions, and the faults that it can have. */
    public final class Client implements ZooKeeperSession.Sessions {
        private final String name;
        private boolean cut;
        private boolean paused;
        private boolean dead;
        private long slowNanos;
        private Session current;

        private Client(String name) {
            this.name = name;
        }

        @Override
        public ZooKeeperSession open(Executor executor, ZooKeeperSession.Listener listener) {
            current = new Session(this, executor, listener);
            current.connect();
            return current;
        }

        /** The network between the process and ZooKeeper is gone. */
        public void cut() {
            cut = true;
            if (current != null) {
                current.breakConnection();
            }
        }

        public void heal() {
            cut = false;
        }

        /** The connection breaks once: what is under way may be done or not, and nobody learns which. */
        public void hiccup() {
            if (current != null) {
                current.breakConnection();
            }
        }

        /** Requests take so much longer from now on; pings do not. */
        public void slow(long nanos) {
            slowNanos = nanos;
        }

        /** As SIGSTOP: nothing is sent, what comes waits. */
        public void pause() {
            paused = true;
        }

        public void resume() {
            paused = false;
            if (current != null) {
                current.deliver();
            }
        }

        /** As SIGKILL. The session stays until it expires. */
        public void kill() {
            dead = true;
            if (current != null) {
                current.dead = true;
            }
        }

        /** As a clean stop does. */
        public void endSession() {
            if (current != null) {
                current.close();
            }
        }
    }

    private interface Request {
        /** On the server; gives what is to be done at the client with the answer. */
        Runnable serve();

        void lost();
    }

    private final class Session implements ZooKeeperSession {
        private final long id = nextSession++;
        private final Client client;
        private final Executor executor;
        private final ZooKeeperSession.Listener listener;
        private final Deque<Request> underWay = new ArrayDeque<>();
        /** Served, and not yet answered here. */
        private final Deque<Request> served = new ArrayDeque<>();

        private final Deque<Runnable> toClient = new ArrayDeque<>();
        private boolean connected;
        private boolean connecting;
        private boolean watching;
        private boolean gone;
        private boolean expiredToldHere;
        private boolean dead;
        private int incarnation;
        private long heardNanos;
        private long lastArrivalNanos;
        private long lastDeliveryNanos;

        Session(Client client, Executor executor, ZooKeeperSession.Listener listener) {
            this.client = client;
            this.executor = executor;
            this.listener = listener;
            heardNanos = time.nanos();
            sessions.put(id, this);
            time.after(timeoutMillis * 1_000_000L, this::expireIfSilent);
        }

        void connect() {
            if (connecting || dead || gone && expiredToldHere) {
                return;
            }
            connecting = true;
            time.after(delay() + 1_000_000, () -> {
                connecting = false;
                if (dead || connected) {
                    return;
                }
                if (client.cut || client.paused) {
                    time.after(20_000_000, this::connect);
                    return;
                }
                if (gone) {
                    expiredToldHere = true;
                    executor.execute(() -> listener.expired(this));
                    return;
                }
                connected = true;
                heardNanos = time.nanos();
                executor.execute(() -> listener.connected(this));
                ping(incarnation);
            });
        }

        private void ping(int of) {
            if (connected && of == incarnation && !dead) {
                if (!client.paused) {
                    heardNanos = time.nanos();
                }
                time.after(timeoutMillis * 1_000_000L / 3, () -> ping(of));
            }
        }

        private void expireIfSilent() {
            if (gone) {
                return;
            }
            long silent = time.nanos() - heardNanos;
            long limit = timeoutMillis * 1_000_000L;
            if (silent < limit) {
                time.after(limit - silent, this::expireIfSilent);
                return;
            }
            end();
            breakConnection();
        }

        /** On the server: the session is over, and its ephemeral nodes with it. */
        private void end() {
            gone = true;
            sessions.remove(id);
            List<String> ephemerals = tree.entrySet().stream()
                    .filter(entry -> entry.getValue().owner == id)
                    .map(Map.Entry::getKey)
                    .toList();
            if (!ephemerals.isEmpty()) {
                run(null, ephemerals.stream().map(path -> Op.delete(path, -1)).toList(), new ArrayList<>());
            }
        }

        void breakConnection() {
            if (dead || !connected) {
                return;
            }
            connected = false;
            watching = false;
            incarnation++;
            toClient.clear();
            // Part of what is under way arrives all the same; its answer does not.
            int arriving = underWay.isEmpty() ? 0 : time.random().nextInt(underWay.size() + 1);
            List<Request> lost = new ArrayList<>(served);
            lost.addAll(underWay);
            for (int i = 0; i < arriving && !gone; i++) {
                underWay.poll().serve();
            }
            underWay.clear();
            served.clear();
            executor.execute(() -> listener.disconnected(this));
            lost.forEach(request -> executor.execute(request::lost));
            connect();
        }

        private <T> CompletableFuture<T> send(CompletableFuture<T> future, Request request) {
            if (!connected || dead) {
                executor.execute(request::lost);
                return future;
            }
            underWay.add(request);
            int of = incarnation;
            lastArrivalNanos = Math.max(lastArrivalNanos + 1, time.nanos() + delay() + client.slowNanos);
            time.after(lastArrivalNanos - time.nanos(), () -> arrive(request, of));
            return future;
        }

        private void arrive(Request request, int of) {
            if (of != incarnation || gone || !underWay.remove(request)) {
                return;
            }
            heardNanos = time.nanos();
            served.add(request);
            Runnable answer = request.serve();
            toClient(() -> {
                served.remove(request);
                answer.run();
            });
        }

        private void toClient(Runnable delivery) {
            toClient.add(delivery);
            lastDeliveryNanos = Math.max(lastDeliveryNanos + 1, time.nanos() + delay());
            int of = incarnation;
            time.after(lastDeliveryNanos - time.nanos(), () -> {
                if (of == incarnation) {
                    deliverOne();
                }
            });
        }

        private void deliverOne() {
            if (!client.paused && !dead && !toClient.isEmpty()) {
                toClient.poll().run();
            }
        }

        private void deliver() {
            while (!client.paused && !dead && !toClient.isEmpty()) {
                toClient.poll().run();
            }
        }

        private void changed(WatchedEvent event) {
            if (watching) {
                toClient(() -> {
                    if (!listener.known(event)) {
                        executor.execute(() -> listener.changed(event));
                    }
                });
            }
        }

        @Override
        public long id() {
            return id;
        }

        @Override
        public int timeoutMillis() {
            return timeoutMillis;
        }

        @Override
        public boolean alive() {
            return !expiredToldHere;
        }

        @Override
        public CompletableFuture<Void> watchAll() {
            CompletableFuture<Void> future = new CompletableFuture<>();
            return send(future, request(future, () -> {
                watching = true;
                return () -> future.complete(null);
            }));
        }

        @Override
        public CompletableFuture<List<String>> children(String path) {
            CompletableFuture<List<String>> future = new CompletableFuture<>();
            return send(future, request(future, () -> {
                String prefix = path.equals("/") ? "/" : path + "/";
                List<String> children = tree.tailMap(prefix, false).keySet().stream()
                        .takeWhile(each -> each.startsWith(prefix))
                        .filter(each -> each.indexOf('/', prefix.length()) < 0)
                        .map(each -> each.substring(prefix.length()))
                        .toList();
                return () -> future.complete(children);
            }));
        }

        @Override
        public CompletableFuture<List<OpResult>> change(List<Op> operations, Runnable onSessionThread) {
            CompletableFuture<List<OpResult>> future = new CompletableFuture<>();
            List<Op> sent = List.copyOf(operations);
            return send(future, new Request() {
                @Override
                public Runnable serve() {
                    List<OpResult> results = new ArrayList<>();
                    Code code = run(Session.this, sent, results);
                    return () -> {
                        onSessionThread.run();
                        executor.execute(() -> {
                            if (code == Code.OK) {
                                future.complete(results);
                            } else {
                                future.completeExceptionally(MultiFailure.of(code.intValue(), results));
                            }
                        });
                    };
                }

                @Override
                public void lost() {
                    onSessionThread.run();
                    future.completeExceptionally(MultiFailure.of(lostCode().intValue(), null));
                }
            });
        }

        @Override
        public CompletableFuture<List<OpResult>> read(List<Op> operations) {
            CompletableFuture<List<OpResult>> future = new CompletableFuture<>();
            return send(future, request(future, () -> {
                List<OpResult> results = new ArrayList<>();
                for (Op op : operations) {
                    Node node = tree.get(op.getPath());
                    results.add(
                            node == null
                                    ? new OpResult.ErrorResult(Code.NONODE.intValue())
                                    : new OpResult.GetDataResult(node.value, node.stat()));
                }
                return () -> future.complete(results);
            }));
        }

        private Code lostCode() {
            return gone ? Code.SESSIONEXPIRED : Code.CONNECTIONLOSS;
        }

        private Request request(CompletableFuture<?> future, java.util.function.Supplier<Runnable> serve) {
            return new Request() {
                @Override
                public Runnable serve() {
                    Runnable answer = serve.get();
                    return () -> executor.execute(answer);
                }

                @Override
                public void lost() {
                    future.completeExceptionally(KeeperException.create(lostCode()));
                }
            };
        }

        @Override
        public void close() {
            if (!gone && connected && !client.cut) {
                end();
            }
            connected = false;
            incarnation++;
            dead = true;
        }
    }

    private long delay() {
        return time.random().nextLong(delayMaxNanos + 1);
    }

    /** All or nothing; {@code by} is null for the server itself. */
    private Code run(Session by, List<Op> operations, List<OpResult> results) {
        TreeMap<String, Node> before = new TreeMap<>();
        List<Write> writes = new ArrayList<>();
        List<WatchedEvent> events = new ArrayList<>();
        zxid++;
        for (int i = 0; i < operations.size(); i++) {
            Code code = apply(by, operations.get(i), before, results, writes, events);
            if (code != Code.OK) {
                before.forEach((path, node) -> {
                    if (node == null) {
                        tree.remove(path);
                    } else {
                        tree.put(path, node);
                    }
                });
                results.clear();
                for (int k = 0; k < operations.size(); k++) {
                    Code each = k < i ? Code.OK : k == i ? code : Code.RUNTIMEINCONSISTENCY;
                    results.add(new OpResult.ErrorResult(each.intValue()));
                }
                return code;
            }
        }
        writes.forEach(write -> writeListeners.forEach(listener -> listener.accept(write)));
        List<Session> watchers = List.copyOf(sessions.values());
        events.forEach(event -> watchers.forEach(session -> session.changed(event)));
        return Code.OK;
    }

    private Code apply(
            Session by,
            Op op,
            Map<String, Node> undo,
            List<OpResult> results,
            List<Write> writes,
            List<WatchedEvent> events) {
        String path = op.getPath();
        Node node = tree.get(path);
        String client = by == null ? "" : by.client.name;
        switch (op.getType()) {
            case OpCode.check -> {
                int version = ((CheckVersionRequest) op.toRequestRecord()).getVersion();
                if (!ignoredChecks.test(op)) {
                    if (node == null) {
                        return Code.NONODE;
                    }
                    if (version != -1 && version != node.version) {
                        return Code.BADVERSION;
                    }
                }
                results.add(new OpResult.CheckResult());
            }
            case OpCode.create -> {
                CreateRequest create = (CreateRequest) op.toRequestRecord();
                if (node != null) {
                    return Code.NODEEXISTS;
                }
                int slash = path.lastIndexOf('/');
                if (!tree.containsKey(slash == 0 ? "/" : path.substring(0, slash))) {
                    return Code.NONODE;
                }
                Node made = new Node();
                made.value = create.getData();
                made.createdZxid = zxid;
                made.modifiedZxid = zxid;
                made.owner = create.getFlags() == 1 ? by.id : 0;
                remember(undo, path, null);
                tree.put(path, made);
                results.add(new OpResult.CreateResult(path));
                writes.add(new Write(client, path, null, made.value, 0));
                events.add(event(EventType.NodeCreated, path));
            }
            case OpCode.setData -> {
                SetDataRequest set = (SetDataRequest) op.toRequestRecord();
                if (node == null) {
                    return Code.NONODE;
                }
                if (set.getVersion() != -1 && set.getVersion() != node.version && !ignoredChecks.test(op)) {
                    return Code.BADVERSION;
                }
                Node after = new Node();
                after.value = set.getData();
                after.version = node.version + 1;
                after.createdZxid = node.createdZxid;
                after.modifiedZxid = zxid;
                after.owner = node.owner;
                remember(undo, path, node);
                tree.put(path, after);
                results.add(new OpResult.SetDataResult(after.stat()));
                writes.add(new Write(client, path, node.value, after.value, after.version));
                events.add(event(EventType.NodeDataChanged, path));
            }
            case OpCode.delete -> {
                int version = ((DeleteRequest) op.toRequestRecord()).getVersion();
                if (node == null) {
                    return Code.NONODE;
                }
                if (version != -1 && version != node.version) {
                    return Code.BADVERSION;
                }
                String child = tree.higherKey(path + "/");
                if (child != null && child.startsWith(path + "/")) {
                    return Code.NOTEMPTY;
                }
                remember(undo, path, node);
                tree.remove(path);
                results.add(new OpResult.DeleteResult());
                writes.add(new Write(client, path, node.value, null, node.version));
                events.add(event(EventType.NodeDeleted, path));
            }
            default -> throw new IllegalArgumentException("the model knows no operation " + op.getType());
        }
        return Code.OK;
    }

    private static void remember(Map<String, Node> undo, String path, Node before) {
        if (!undo.containsKey(path)) {
            undo.put(path, before);
        }
    }

    private WatchedEvent event(EventType type, String path) {
        return new WatchedEvent(type, KeeperState.SyncConnected, path, zxid);
    }
}
