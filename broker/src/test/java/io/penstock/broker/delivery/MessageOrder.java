package io.penstock.broker.delivery;

import java.util.function.LongFunction;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;

/**
 * What a model knows of the order of delivery, where more than offsets counts.
 *
 * @param priority 0 to 9
 * @param dueMillis 0 for at once
 * @param group JMSXGroupID, or null
 */
record MessageOrder(int priority, long dueMillis, String group) {

    static final MessageOrder NONE = new MessageOrder(4, 0, null);

    boolean special() {
        return !equals(NONE);
    }

    /**
     * The world of a model.
     *
     * @param of what orders the record at an offset
     * @param end what lies below is committed
     * @param takesNew whether the engine may push now what was never pushed
     * @param due certainly due, and the broker has had the time to notice
     * @param latestMillis the latest that its clock has shown
     */
    record World(
            LongFunction<MessageOrder> of,
            LongSupplier end,
            java.util.function.BooleanSupplier takesNew,
            LongPredicate due,
            LongSupplier latestMillis) {}
}
