package io.penstock.broker.delivery;

import java.nio.ByteBuffer;

/**
 * Which records of a batch a group gets.
 */
final class RecordGate {

    private Rules rules;

    /**
     * @param nowMillis time against which records have expired
     * @param discardBelow NON_PERSISTENT records below are discarded
     * @param excludedSender see {@link GroupSpec#excludedSender}; null delivers all
     */
    record Rules(long nowMillis, long discardBelow, String excludedSender) {
        boolean same(long now, long below, String sender) {
            return now == nowMillis && below == discardBelow && java.util.Objects.equals(sender, excludedSender);
        }
    }

    void rules(Rules now) {
        rules = now;
    }

    boolean mustLook(int attributes) {
        return false;
    }

    void examine(ByteBuffer batch, long from, long to, OffsetRanges deliverable, OffsetRanges passed) {
        deliverable.add(from, to);
    }

    static void subset(ByteBuffer batch, OffsetRanges taken, ByteBuffer out) {
        out.put(batch);
    }
}
