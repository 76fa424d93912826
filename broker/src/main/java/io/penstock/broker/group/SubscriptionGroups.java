package io.penstock.broker.group;

import java.util.concurrent.CompletionStage;

/** The port to a subscription's groups in the ledgers of its topic's partitions. Any thread may call. */
public interface SubscriptionGroups {

    /**
     * Makes the group where it is missing, on every partition: at the high watermark on those that the topic had when
     * the subscription was made, at zero on later ones. Done when all ledgers have it.
     */
    CompletionStage<Void> create(DurableSubscription subscription);

    /** Removes the group from every partition; one that has none, or is gone, counts as done. */
    CompletionStage<Void> delete(DurableSubscription subscription);

    /** Messages that sessions hold and have not acknowledged, on all partitions. */
    CompletionStage<Long> acquired(DurableSubscription subscription);
}
