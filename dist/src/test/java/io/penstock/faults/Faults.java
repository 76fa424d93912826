package io.penstock.faults;

import io.penstock.process.BrokerCluster;
import io.penstock.process.BrokerProcess;
import io.penstock.process.LinkProxy;
import io.penstock.process.LinkProxy.Direction;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** The faults of RELIABILITY's list that processes and their connections can have. Stateless. */
final class Faults {
    static final long NO_LIMIT = Long.MAX_VALUE;
    /** {@code zookeeper.session.timeout.ms} of the brokers under test. */
    static final int SESSION_MILLIS = 6_000;

    private static final long DEATH_MILLIS = 1_000;
    private static final long CONTROLLER_DEATH_MILLIS = 3_000;
    private static final long SILENCE_MILLIS = SESSION_MILLIS + 3_000;
    /** How long what is dead stays so, when that shows more than the moment of death. */
    private static final long DEAD_MILLIS = 4_000;
    /** Past the session, so that others take over. */
    private static final long SILENT_MILLIS = SESSION_MILLIS + 4_000;

    private Faults() {}

    /** What is done to a cluster. */
    interface Deed {
        void to(BrokerCluster cluster) throws Exception;
    }

    private record Named(String name, long gapMillisMax, Deed deed) implements Fault {
        @Override
        public void run(BrokerCluster cluster) throws Exception {
            deed.to(cluster);
        }
    }

    /** Which broker it hits. */
    interface Victim {
        int of(BrokerCluster cluster) throws Exception;
    }

    /** The leader of the first partition; of another one, should that be the controller. */
    static Victim leaderOf(String topic) {
        return cluster -> {
            int controller = cluster.controller();
            int leader = cluster.leader(topic, 0);
            return leader == controller ? cluster.leader(topic, 1) : leader;
        };
    }

    static Victim controller() {
        return BrokerCluster::controller;
    }

    private static void rest(long millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(millis);
    }

    static Fault killed(String who, Victim victim, boolean controllerToo) {
        return new Named(who + " killed", controllerToo ? CONTROLLER_DEATH_MILLIS : DEATH_MILLIS, cluster -> {
            BrokerProcess broker = cluster.broker(victim.of(cluster));
            broker.kill();
            rest(DEAD_MILLIS);
            broker.start();
        });
    }

    static Fault allKilled() {
        return new Named("all brokers killed", NO_LIMIT, cluster -> {
            for (int id : cluster.ids()) {
                cluster.broker(id).kill();
            }
            for (int id : cluster.ids()) {
                cluster.broker(id).begin();
            }
            for (int id : cluster.ids()) {
                cluster.broker(id).awaitReady();
            }
        });
    }

    static Fault bounced(String who, Victim victim, int times, long everyMillis) {
        String name = who + " killed " + times + " times, every " + everyMillis / 1000 + " s";
        return new Named(name, CONTROLLER_DEATH_MILLIS, cluster -> {
            BrokerProcess broker = cluster.broker(victim.of(cluster));
            for (int i = 0; i < times; i++) {
                long begin = System.nanoTime();
                broker.kill();
                broker.start();
                rest(Math.max(0, everyMillis - (System.nanoTime() - begin) / 1_000_000));
            }
        });
    }

    static Fault restartedInTurn() {
        return new Named("all brokers restarted one after another", CONTROLLER_DEATH_MILLIS, cluster -> {
            for (int id : cluster.ids()) {
                cluster.broker(id).stop();
                cluster.broker(id).start();
                cluster.awaitInSync();
            }
        });
    }

    static Fault paused(String who, Victim victim) {
        return new Named(who + " paused past its session", SILENCE_MILLIS, cluster -> {
            BrokerProcess broker = cluster.broker(victim.of(cluster));
            broker.pause();
            try {
                rest(SILENT_MILLIS);
            } finally {
                broker.resume();
            }
        });
    }

    /** @param links of the victim */
    static Fault cut(
            String name,
            Victim victim,
            Function<BrokerCluster, Function<Integer, List<LinkProxy>>> links,
            Consumer<LinkProxy> how) {
        return new Named(name, SILENCE_MILLIS, cluster -> {
            List<LinkProxy> chosen = links.apply(cluster).apply(victim.of(cluster));
            chosen.forEach(how);
            try {
                rest(SILENT_MILLIS);
            } finally {
                chosen.forEach(LinkProxy::heal);
            }
        });
    }

    static Fault cutOff(String who, Victim victim) {
        return cut(who + " cut off from all", victim, cluster -> cluster.network()::ofBroker, LinkProxy::cut);
    }

    static Fault deaf(String who, Victim victim) {
        return new Named(
                who + " sends and hears nothing",
                SILENCE_MILLIS,
                cluster -> oneWay(cluster, victim.of(cluster), Direction.BACK, Direction.THERE));
    }

    static Fault mute(String who, Victim victim) {
        return new Named(
                who + " hears and sends nothing",
                SILENCE_MILLIS,
                cluster -> oneWay(cluster, victim.of(cluster), Direction.THERE, Direction.BACK));
    }

    /** @param own direction that is cut of connections that the victim makes, {@code others} of those that others make to it */
    private static void oneWay(BrokerCluster cluster, int victim, Direction own, Direction others) throws Exception {
        List<LinkProxy> chosen = cluster.network().ofBroker(victim);
        for (LinkProxy each : chosen) {
            each.cut(cluster.network().begins(each, victim) ? own : others);
        }
        try {
            rest(SILENT_MILLIS);
        } finally {
            chosen.forEach(LinkProxy::heal);
        }
    }

    static Fault fromZooKeeper(String who, Victim victim) {
        return cut(
                who + " cut off from ZooKeeper: its session expires",
                victim,
                cluster -> cluster.network()::toZooKeeper,
                LinkProxy::cut);
    }

    static Fault fromPeers(String who, Victim victim) {
        return cut(
                who + " cut off from the other brokers", victim, cluster -> cluster.network()::toPeers, LinkProxy::cut);
    }

    static Fault fromClients(String who, Victim victim) {
        // Nobody but these clients can know of it: they go on when it is over.
        return new Named(
                who + " cut off from clients",
                NO_LIMIT,
                cut("", victim, cluster -> cluster.network()::fromClients, LinkProxy::cut)::run);
    }

    static Fault resets(int times, long everyMillis) {
        return new Named("all connections reset " + times + " times", SILENCE_MILLIS, cluster -> {
            for (int i = 0; i < times; i++) {
                cluster.network().all().forEach(LinkProxy::reset);
                rest(everyMillis);
            }
        });
    }

    static Fault delayed(long delayMillis, long forMillis) {
        return new Named("everything " + delayMillis + " ms late", SILENCE_MILLIS, cluster -> {
            List<LinkProxy> links = cluster.network().all();
            links.forEach(each -> each.delay(delayMillis));
            try {
                rest(forMillis);
            } finally {
                links.forEach(LinkProxy::heal);
            }
        });
    }

    static Fault zooKeeperRestarted() {
        return new Named("ZooKeeper killed and started again", SILENCE_MILLIS, cluster -> {
            cluster.zookeeper().killAll();
            cluster.zookeeper().startMissing();
        });
    }

    static Fault zooKeeperLeaderKilled() {
        return new Named("ZooKeeper's leader killed", SILENCE_MILLIS, cluster -> {
            cluster.zookeeper().kill(cluster.zookeeper().leader());
            rest(DEAD_MILLIS);
            cluster.zookeeper().startMissing();
        });
    }

    static Fault zooKeeperWithoutQuorum(long forMillis) {
        return new Named("ZooKeeper without quorum for " + forMillis / 1000 + " s", NO_LIMIT, cluster -> {
            int others = cluster.zookeeper().size() / 2 + 1;
            for (int i = 0; i < others; i++) {
                cluster.zookeeper().kill(i);
            }
            rest(forMillis);
            cluster.zookeeper().startMissing();
        });
    }

    /** Four that take two minutes. */
    static List<Fault> few(String topic) {
        return List.of(
                killed("a leader", leaderOf(topic), false),
                paused("a leader", leaderOf(topic)),
                cutOff("a leader", leaderOf(topic)),
                zooKeeperRestarted());
    }

    static List<Fault> all(String topic) {
        List<Fault> all = new ArrayList<>(List.of(
                killed("a leader", leaderOf(topic), false),
                killed("the controller", controller(), true),
                killed("the coordinator of commits", cluster -> cluster.leader("__penstock_transactions", 0), true),
                killed(
                        "a coordinator of Kafka's transactions",
                        cluster -> cluster.leader("__transaction_state", 0),
                        true),
                allKilled(),
                bounced("a leader", leaderOf(topic), 3, 10_000),
                restartedInTurn(),
                paused("a leader", leaderOf(topic)),
                paused("the controller", controller())));
        all.addAll(List.of(
                cutOff("a leader", leaderOf(topic)),
                cutOff("the controller", controller()),
                deaf("a leader", leaderOf(topic)),
                mute("a leader", leaderOf(topic)),
                fromZooKeeper("a leader", leaderOf(topic)),
                fromZooKeeper("the controller", controller()),
                fromPeers("a leader", leaderOf(topic)),
                fromClients("a leader", leaderOf(topic)),
                resets(10, 500),
                delayed(30, 8_000),
                zooKeeperLeaderKilled(),
                zooKeeperWithoutQuorum(20_000)));
        return all;
    }
}
