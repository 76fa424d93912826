package io.penstock.benchmarks;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/**
 * {@code penstock bench --cluster}: three brokers of ours beside three of Kafka's on one machine, all alive at once, taken
 * in turn. After a fault everything is healed and counted before the next run begins.
 */
final class ClusterBench {
    private static final int BODY_BYTES = 1024;
    private static final long FAULT_AFTER_MILLIS = 1000;
    /** Until a stopped leader goes on: its session is long over by then. */
    private static final long STOPPED_MILLIS = BrokerCluster.SESSION_TIMEOUT_MILLIS + 6000L;

    private final Workplace place;
    private final boolean quick;
    private final int repetitions;
    private final long measuredMillis;
    private final ClusterReport report = new ClusterReport();
    private final Map<Target, BrokerCluster> clusters = new EnumMap<>(Target.class);
    private int topics;

    ClusterBench(Workplace place, boolean quick, int repetitions, long measuredMillis) {
        this.place = place;
        this.quick = quick;
        this.repetitions = repetitions;
        this.measuredMillis = measuredMillis;
    }

    ClusterReport run(List<Contender> contenders, List<ClusterScenario> scenarios) throws Exception {
        try {
            for (Contender contender : contenders) {
                if (!clusters.containsKey(contender.brokers)) {
                    clusters.put(contender.brokers, BrokerCluster.start(place, contender.brokers));
                }
            }
            for (ClusterScenario scenario : scenarios) {
                for (int run = 0; run < repetitions; run++) {
                    for (Contender contender : contenders) {
                        if (contender.supports(scenario)) {
                            runOnce(scenario, run, contender);
                        }
                    }
                }
            }
        } finally {
            for (BrokerCluster cluster : clusters.values()) {
                cluster.close();
            }
        }
        return report;
    }

    private void runOnce(ClusterScenario scenario, int run, Contender contender) throws Exception {
        BrokerCluster cluster = clusters.get(contender.brokers);
        System.err.printf("cluster, %s: %s, run %d ... ", scenario.label, contender.label, run + 1);
        try (Admin admin = cluster.admin()) {
            int leader = leader(scenario, run, cluster.controller(admin));
            String topic = "bench-" + scenario.key() + "-" + ++topics;
            cluster.createTopic(admin, topic, leader);
            FaultAt fault = new FaultAt(scenario.fault, cluster, leader);
            Measurement measurement = LoadProcess.run(
                    place, contender.client, scenario.load, options(scenario, contender, cluster, topic), fault);
            fault.heal();
            if (scenario.fault != ClusterScenario.Fault.NONE) {
                cluster.awaitInSync(admin, topic, -1);
                check(StoredMessages.read(cluster.bootstrap(), topic), measurement);
            }
            admin.deleteTopics(List.of(topic)).all().get();
            report.add(scenario, contender, measurement);
            System.err.println(
                    scenario.fault == ClusterScenario.Fault.NONE
                            ? String.format("%,.0f/s", measurement.rate())
                            : String.format("%,.0f ms", measurement.maxMillis()));
        } catch (java.io.IOException | IllegalStateException e) {
            report.addFailure(scenario, contender, e.getMessage());
            System.err.println(e.getMessage());
        }
    }

    /** The leader of the run's topic: each broker in turn, the controller or not where that is the point. */
    private static int leader(ClusterScenario scenario, int run, int controller) {
        if (scenario.controllerLeads()) {
            return controller;
        }
        int leader = run % BrokerCluster.SIZE + 1;
        boolean other = scenario.fault != ClusterScenario.Fault.NONE && leader == controller;
        return other ? leader % BrokerCluster.SIZE + 1 : leader;
    }

    private LoadOptions options(ClusterScenario scenario, Contender contender, BrokerCluster cluster, String topic) {
        long millis =
                switch (scenario.fault) {
                    case NONE -> measuredMillis;
                    // Others may need longer; then the send under way is waited for.
                    case KILL -> 10_000;
                    case PAUSE -> FAULT_AFTER_MILLIS + STOPPED_MILLIS + 5000;
                };
        return new LoadOptions(
                contender.client,
                cluster.url(contender.client),
                topic,
                1,
                quick ? 4000 : 8000,
                millis,
                quick ? 200_000 : 500_000,
                BODY_BYTES);
    }

    /** Every send was confirmed in the end: each message is there, once, whatever the old leader did. */
    private static void check(StoredMessages stored, Measurement measurement) {
        if (stored.once() != measurement.messages() || stored.twice() != 0) {
            throw new IllegalStateException(measurement.messages() + " messages were confirmed, " + stored.once()
                    + " are stored, " + stored.twice() + " of them twice");
        }
    }

    /** Measures the cluster's processes, and does to the leader what the scenario asks for. */
    private static final class FaultAt implements LoadProcess.Brokers {
        private final ClusterScenario.Fault fault;
        private final BrokerCluster cluster;
        private final int leader;
        private volatile Exception failure;
        private volatile Thread thread;

        FaultAt(ClusterScenario.Fault fault, BrokerCluster cluster, int leader) {
            this.fault = fault;
            this.cluster = cluster;
            this.leader = leader;
        }

        @Override
        public double cpuSeconds() {
            return cluster.cpuSeconds();
        }

        @Override
        public long anonymousResidentBytes() {
            return cluster.anonymousResidentBytes();
        }

        @Override
        public void begun() {
            thread = Thread.currentThread();
            try {
                if (fault == ClusterScenario.Fault.NONE) {
                    return;
                }
                TimeUnit.MILLISECONDS.sleep(FAULT_AFTER_MILLIS);
                if (fault == ClusterScenario.Fault.KILL) {
                    cluster.broker(leader).kill();
                } else {
                    cluster.broker(leader).pause();
                    TimeUnit.MILLISECONDS.sleep(STOPPED_MILLIS);
                    cluster.broker(leader).resume();
                }
            } catch (Exception e) {
                failure = e;
            }
        }

        void heal() throws Exception {
            if (thread != null) {
                thread.join();
            }
            if (failure != null) {
                throw failure;
            }
            if (fault == ClusterScenario.Fault.KILL) {
                cluster.start(leader);
            }
        }
    }
}
