package io.penstock.broker.simulation;

import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.zookeeper.StateInvariants;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Lets things go wrong, at random times, until the world is to be calm; {@link #heal} undoes everything. */
final class FaultSchedule {
    private static final long SECOND = SimulatedCluster.SECOND;

    private final SimulatedCluster cluster;
    private final StateInvariants authority;
    /** A power cut takes nothing away that was acknowledged. */
    private final boolean forcedBeforeReply;

    private final long paceNanos;
    private final List<Fault> kinds;
    private final Map<Fault, Integer> counts = new EnumMap<>(Fault.class);
    /** Who may have lost what it had acknowledged, until it has caught up again, with the epoch of that life. */
    private final Map<Integer, Long> robbed = new HashMap<>();

    private final List<Integer> clients = new ArrayList<>();
    private boolean calm;

    FaultSchedule(
            SimulatedCluster cluster,
            StateInvariants authority,
            boolean forcedBeforeReply,
            Set<Fault> kinds,
            long paceNanos) {
        this.cluster = cluster;
        this.authority = authority;
        this.forcedBeforeReply = forcedBeforeReply;
        this.kinds = kinds.stream().sorted().toList();
        this.paceNanos = paceNanos;
    }

    Map<Fault, Integer> counts() {
        return counts;
    }

    /** @param clientMachines to whose connections something happens too */
    void begin(List<Integer> clientMachines) {
        clients.addAll(clientMachines);
        cluster.time.after(cluster.random.nextLong(paceNanos), this::next);
    }

    private void next() {
        if (calm) {
            return;
        }
        Fault kind = kinds.get(cluster.random.nextInt(kinds.size()));
        int victim = victim();
        if (cluster.broker(victim) != null && happens(kind, victim)) {
            counts.merge(kind, 1, Integer::sum);
        }
        cluster.time.after(cluster.random.nextLong(2 * paceNanos), this::next);
    }

    /** Leaders and the controller more often than others. */
    private int victim() {
        if (cluster.random.nextInt(3) == 0) {
            int controller =
                    cluster.anyImage().map(image -> image.controllerId()).orElse(-1);
            if (controller > 0) {
                return controller;
            }
        }
        List<PartitionImage> states = authority.states();
        if (!states.isEmpty() && cluster.random.nextInt(3) == 0) {
            int leader = states.get(cluster.random.nextInt(states.size())).leader();
            if (leader > 0) {
                return leader;
            }
        }
        return 1 + cluster.random.nextInt(cluster.size);
    }

    private boolean happens(Fault kind, int id) {
        SimulatedBroker victim = cluster.broker(id);
        switch (kind) {
            case KILL -> {
                cluster.kill(id, false);
                startLater(id);
            }
            case POWER_CUT -> {
                if (!mayLosePower(id)) {
                    return false;
                }
                cutPower(id);
                startLater(id);
            }
            case CLEAN_RESTART -> {
                if (!victim.serving()) {
                    return false;
                }
                victim.stop(() -> {
                    cluster.forget(victim);
                    startLater(id);
                });
            }
            case PAUSE -> {
                if (victim.process.paused()) {
                    return false;
                }
                victim.pause();
                cluster.time.after(duration(), victim::resume);
            }
            case CUT_ONE_WAY -> cut(id, other(id));
            case CUT -> {
                int other = other(id);
                long until = duration();
                cluster.network.cut(id, other);
                cluster.network.cut(other, id);
                cluster.time.after(until, () -> {
                    cluster.network.heal(id, other);
                    cluster.network.heal(other, id);
                });
            }
            case RESET -> cluster.network.reset(id, other(id));
            case CLIENT_CUT -> cut(client(), id);
            case CLIENT_RESET -> cluster.network.reset(client(), id);
            case ZOOKEEPER_CUT -> {
                victim.zookeeper.cut();
                cluster.time.after(duration(), victim.zookeeper::heal);
            }
            case ZOOKEEPER_HICCUP -> victim.zookeeper.hiccup();
            case SLOW_DISK -> {
                victim.process.workers.slow(SECOND / 10 + cluster.random.nextLong(SECOND / 2));
                cluster.time.after(duration(), () -> victim.process.workers.slow(0));
            }
            case CLOCK_JUMP -> cluster.machine(id).clock.jump(cluster.random.nextBoolean() ? 3_600_000 : -3_600_000);
        }
        return true;
    }

    private void cut(int from, int to) {
        cluster.network.cut(from, to);
        cluster.time.after(duration(), () -> cluster.network.heal(from, to));
    }

    private int other(int id) {
        return 1 + (id + cluster.random.nextInt(cluster.size - 1)) % cluster.size;
    }

    private int client() {
        return clients.get(cluster.random.nextInt(clients.size()));
    }

    /** Mostly shorter, sometimes longer than a session. */
    private long duration() {
        return cluster.random.nextLong(cluster.random.nextInt(3) == 0 ? 4 * SECOND : SECOND);
    }

    private void startLater(int id) {
        boolean fast = cluster.random.nextInt(3) == 0;
        cluster.time.after(cluster.random.nextLong(fast ? SECOND / 20 : 2 * SECOND), () -> {
            if (cluster.broker(id) == null) {
                cluster.start(id);
            }
        });
    }

    // ---- who may lose unforced writes without a loss of what was acknowledged

    void cutPower(int id) {
        if (!forcedBeforeReply) {
            robbed.put(id, authority.brokerEpoch(id));
        }
        cluster.kill(id, true);
    }

    /** Whether each partition has somebody else with everything committed whom no power cut has robbed of it. */
    boolean mayLosePower(int id) {
        if (forcedBeforeReply) {
            return true;
        }
        robbed.entrySet().removeIf(each -> isBack(each.getKey(), each.getValue()));
        if (robbed.containsKey(id)) {
            return false;
        }
        for (PartitionImage state : authority.states()) {
            if (state.replicas().contains(id)) {
                Set<Integer> holders = new HashSet<>(state.isr());
                holders.addAll(state.eligible());
                holders.remove(id);
                holders.removeAll(robbed.keySet());
                if (holders.isEmpty()) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean isBack(int id, long robbedEpoch) {
        for (PartitionImage state : authority.states()) {
            if (state.replicas().contains(id)
                    && !(state.isr().contains(id) && state.stamps().getOrDefault(id, -1L) > robbedEpoch)) {
                return false;
            }
        }
        return authority.brokerEpoch(id) > robbedEpoch;
    }

    // ---- the end

    /** No more faults, and none that lasts. */
    void heal() {
        calm = true;
        cluster.network.healAll();
        for (int id = 1; id <= cluster.size; id++) {
            SimulatedBroker broker = cluster.broker(id);
            if (broker != null) {
                broker.zookeeper.heal();
                broker.resume();
                broker.process.workers.slow(0);
            }
        }
    }
}
