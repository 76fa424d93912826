package io.penstock.benchmarks;

/** The two levels at which brokers are compared, like with like. */
enum Durability {
    /** Forced to disk before the reply: Penstock {@code flush.policy=before-reply}, Artemis with journal sync. */
    FSYNC("fsync"),
    /** Written to the page cache: Penstock {@code flush.policy=interval}, Artemis without journal sync, Kafka. */
    PAGE_CACHE("page-cache");

    final String label;

    Durability(String label) {
        this.label = label;
    }
}
