package io.penstock.benchmarks;

/** Whose client speaks to whose cluster. */
enum Contender {
    PENSTOCK("Penstock, JMS client", Target.PENSTOCK, Target.PENSTOCK),
    PENSTOCK_KAFKA("Penstock, Kafka's client", Target.PENSTOCK, Target.KAFKA),
    KAFKA("Kafka, its own client", Target.KAFKA, Target.KAFKA);

    final String label;
    /** Whose brokers. */
    final Target brokers;
    /** Whose client. */
    final Target client;

    Contender(String label, Target brokers, Target client) {
        this.label = label;
        this.brokers = brokers;
        this.client = client;
    }

    boolean supports(ClusterScenario scenario) {
        return client == Target.KAFKA || !scenario.bulk();
    }
}
