package io.penstock.broker.simulation;

import io.penstock.storage.simulation.SimulatedTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Machines and the connections between them. What goes one way over a connection keeps its order and takes a random
 * time; while that way is cut it waits, as TCP would send it again, and nobody learns of it. A process that dies closes
 * its connections, a machine without power does not: who is connected to it learns that when it is back.
 */
final class SimulatedNetwork {
    private static final long DELAY_NANOS = 300_000;
    private static final long LATE_NANOS = 20_000_000;
    private static final long RESEND_NANOS = 200_000_000;
    private static final long CONNECT_LIMIT_NANOS = 5_000_000_000L;

    private final SimulatedTime time;
    private final Map<Integer, Machine> machines = new HashMap<>();
    private final Set<Wire> wires = new LinkedHashSet<>();
    private final Set<Way> cut = new HashSet<>();
    /** What waits for a way to open, in order. */
    private final Map<End, List<Runnable>> heldBack = new HashMap<>();

    private int nextWire;

    private record Way(int from, int to) {}

    private static final class Machine {
        /** Null while no process listens. */
        private Acceptor acceptor;

        private boolean dark;
    }

    /** Who listens: gives what takes the messages of a new connection. */
    interface Acceptor {
        Receiver accepted(End server);
    }

    /** Takes what arrives at one end, as events of the simulation. */
    interface Receiver {
        void received(Object message);

        /** The other end, or the connection, is gone. Not called after this end was closed. */
        void closed();
    }

    /** What becomes of an attempt to connect. */
    interface Connecting {
        /** @return what takes the messages that come back */
        Receiver connected(End client);

        /** @param refused the machine answered that nobody listens */
        void failed(boolean refused);
    }

    SimulatedNetwork(SimulatedTime time) {
        this.time = time;
    }

    private Machine machine(int id) {
        return machines.computeIfAbsent(id, made -> new Machine());
    }

    /** A connection. */
    private final class Wire {
        private final int number = nextWire++;
        private final End client;
        private final End server;

        Wire(int from, int to) {
            client = new End(this, from, to);
            server = new End(this, to, from);
        }

        End other(End one) {
            return one == client ? server : client;
        }
    }

    /** One end of a connection. */
    final class End {
        private final Wire wire;
        final int here;
        final int there;
        private Receiver receiver;
        private boolean closed;
        private long lastArrivalNanos;

        private End(Wire wire, int here, int there) {
            this.wire = wire;
            this.here = here;
            this.there = there;
        }

        int number() {
            return wire.number;
        }

        boolean isClosed() {
            return closed;
        }

        void send(Object message) {
            if (!closed) {
                arrive(this, () -> {
                    End to = wire.other(this);
                    if (!to.closed) {
                        to.receiver.received(message);
                    }
                });
            }
        }

        void close() {
            if (closed) {
                return;
            }
            closed = true;
            wires.remove(wire);
            if (!machine(here).dark) {
                arrive(this, () -> wire.other(this).lost());
            }
        }

        private void lost() {
            if (!closed) {
                closed = true;
                receiver.closed();
            }
        }
    }

    /** What {@code from} sent gets to the other end, in order, when the way is open. */
    private void arrive(End from, Runnable arrival) {
        long delay = time.random().nextInt(200) == 0
                ? time.random().nextLong(LATE_NANOS)
                : 1_000 + time.random().nextLong(DELAY_NANOS);
        long at = Math.max(time.nanos() + delay, from.lastArrivalNanos + 1);
        from.lastArrivalNanos = at;
        time.after(at - time.nanos(), () -> whenOpen(from, arrival));
    }

    private void whenOpen(End from, Runnable arrival) {
        List<Runnable> waiting = heldBack.get(from);
        if (waiting != null) {
            waiting.add(arrival);
        } else if (blocked(from)) {
            heldBack.put(from, new ArrayList<>(List.of(arrival)));
            resend(from);
        } else {
            arrival.run();
        }
    }

    private boolean blocked(End from) {
        return cut.contains(new Way(from.here, from.there)) || machine(from.there).dark;
    }

    private void resend(End from) {
        time.after(RESEND_NANOS, () -> {
            if (blocked(from)) {
                resend(from);
            } else {
                heldBack.remove(from).forEach(Runnable::run);
            }
        });
    }

    // ---- connecting

    void connect(int from, int to, Connecting connecting) {
        connect(from, to, connecting, time.nanos() + CONNECT_LIMIT_NANOS);
    }

    private void connect(int from, int to, Connecting connecting, long untilNanos) {
        time.after(1_000 + time.random().nextLong(2 * DELAY_NANOS), () -> {
            Machine target = machine(to);
            if (cut.contains(new Way(from, to)) || cut.contains(new Way(to, from)) || target.dark) {
                if (time.nanos() > untilNanos) {
                    connecting.failed(false);
                } else {
                    time.after(RESEND_NANOS, () -> connect(from, to, connecting, untilNanos));
                }
                return;
            }
            if (target.acceptor == null) {
                connecting.failed(true);
                return;
            }
            Wire wire = new Wire(from, to);
            wires.add(wire);
            wire.server.receiver = target.acceptor.accepted(wire.server);
            wire.client.receiver = connecting.connected(wire.client);
        });
    }

    void listen(int id, Acceptor acceptor) {
        machine(id).acceptor = acceptor;
    }

    // ---- faults

    /** The process on a machine is dead; its connections are closed, unless the machine has lost power. */
    void died(int id, boolean power) {
        machine(id).acceptor = null;
        machine(id).dark = power;
        if (!power) {
            closeAll(id);
        }
    }

    private void closeAll(int id) {
        for (Wire wire : List.copyOf(wires)) {
            if (wire.client.here == id) {
                wire.client.close();
            } else if (wire.server.here == id) {
                wire.server.close();
            }
        }
    }

    /** A machine is up again: what was connected to it before is told that nobody knows it. */
    void powered(int id) {
        machine(id).dark = false;
        closeAll(id);
    }

    /** Nothing gets from one machine to the other. */
    void cut(int from, int to) {
        cut.add(new Way(from, to));
    }

    void heal(int from, int to) {
        cut.remove(new Way(from, to));
    }

    void healAll() {
        cut.clear();
    }

    /** Resets the connections between two machines, as a firewall that forgets them does. */
    void reset(int one, int other) {
        each(one, other, wire -> {
            wire.client.lost();
            wire.server.lost();
            wires.remove(wire);
        });
    }

    private void each(int one, int other, Consumer<Wire> action) {
        for (Wire wire : List.copyOf(wires)) {
            if (wire.client.here == one && wire.client.there == other
                    || wire.client.here == other && wire.client.there == one) {
                action.accept(wire);
            }
        }
    }
}
