package io.penstock.broker.request.jms;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What may still be pushed to a consumer, shared by all partitions that it takes from: whichever has a message first
 * uses it, so that a prefetch of one is never stuck with an empty partition. Several owners may use it at once; then a
 * push that was begun by each at the same moment may overrun the credit by one batch a partition, which the next
 * credit pays back.
 */
final class SharedCredit {
    private final AtomicLong messages = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    void add(int moreMessages, int moreBytes) {
        messages.addAndGet(moreMessages);
        bytes.addAndGet(moreBytes);
    }

    void take(int pushedMessages, int pushedBytes) {
        messages.addAndGet(-pushedMessages);
        bytes.addAndGet(-pushedBytes);
    }

    int messages() {
        return clamp(messages.get());
    }

    int bytes() {
        return clamp(bytes.get());
    }

    private static int clamp(long value) {
        return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, value));
    }
}
