package io.penstock.benchmarks;

/** What is measured: the single-node rows of the comparison table. */
enum Scenario {
    BLOCKING("blocking send, 1 pair", "blocking", 1, true),
    BLOCKING_16("blocking send, 16 pairs on one queue", "blocking", 16, true),
    ASYNC("async send, 1 consumer", "async", 1, true),
    TRANSACTED("transacted, 100 a commit, both sides", "transacted", 1, true),
    BACKLOG_SEND("backlog: send", "backlog-send", 1, true),
    BACKLOG_DRAIN("backlog: drain", "backlog-drain", 1, true),
    TOPIC_8("topic, 8 durable subscribers, deliveries", "topic", 8, true),
    SELECTORS_10("one queue, 10 consumers with disjoint selectors", "selectors", 10, false),
    SELECTORS_10_BACKLOG("the same above a backlog that matches nobody", "selectors-backlog", 10, false),
    NON_PERSISTENT("non-persistent", "non-persistent", 1, false),
    REQUEST_REPLY("request and reply, temporary queue", "request-reply", 1, false),
    TEMPORARY_QUEUES("create and delete a temporary queue", "temporary-queues", 1, false),
    CONNECT("open connection, session, consumer; close", "connect", 1, false),
    QUEUES_1000("1,000 queues: create, send, receive", "queues", 1000, false),
    BULK_PRODUCE("Kafka's ProducerPerformance, 100 bytes", "perf-produce", 1, true),
    BULK_CONSUME("Kafka's ConsumerPerformance, 100 bytes", "perf-consume", 1, true);

    final String label;
    final String load;
    final int width;
    private final boolean kafka;

    Scenario(String label, String load, int width, boolean kafka) {
        this.label = label;
        this.load = load;
        this.width = width;
        this.kafka = kafka;
    }

    /** Bulk rows are run by Kafka's own tools, against Kafka and Penstock alike. */
    boolean bulk() {
        return this == BULK_PRODUCE || this == BULK_CONSUME;
    }

    boolean supports(Target target) {
        return switch (target) {
            case PENSTOCK -> true;
            case ARTEMIS -> !bulk();
            case KAFKA -> kafka;
        };
    }

    String key() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
