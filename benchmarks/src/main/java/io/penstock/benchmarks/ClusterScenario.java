package io.penstock.benchmarks;

/**
 * What is measured with three brokers: rates with three replicas and {@code acks=all}, and how long a blocking sender
 * waits at the most when something happens to the leader.
 */
enum ClusterScenario {
    ASYNC("async send, 1 consumer", "async", Fault.NONE),
    BLOCKING("blocking send, 1 pair", "blocking", Fault.NONE),
    BULK_PRODUCE("Kafka's ProducerPerformance, 100 bytes", "perf-produce", Fault.NONE),
    KILL_LEADER("leader killed: longest blocking send", "probe", Fault.KILL),
    KILL_CONTROLLER("leader and controller killed: the same", "probe", Fault.KILL),
    PAUSE_LEADER("leader stopped and resumed: the same", "probe", Fault.PAUSE);

    /** What happens a second after the measurement has begun. */
    enum Fault {
        NONE,
        /** SIGKILL. */
        KILL,
        /** SIGSTOP, and SIGCONT when others have long taken over. */
        PAUSE
    }

    final String label;
    final String load;
    final Fault fault;

    ClusterScenario(String label, String load, Fault fault) {
        this.label = label;
        this.load = load;
        this.fault = fault;
    }

    boolean bulk() {
        return this == BULK_PRODUCE;
    }

    boolean controllerLeads() {
        return this == KILL_CONTROLLER;
    }

    String key() {
        return "cluster-" + name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
