package io.penstock.jms.session;

import io.penstock.jms.client.Delivery;
import jakarta.jms.Message;

/** A delivery that the application has had, or is about to have. Guarded by the session's lock. */
final class HandedOut {
    final ConsumerCore consumer;
    final Delivery delivery;
    /** How often it was handed out and taken back without going back to the broker. */
    int repeats;
    /** How often it was handed out over connections that are gone, which the broker has not heard of. */
    private int missed;

    private boolean missedTold;
    /** The count of the last hand-out, 0 before the first. */
    volatile int presented;
    /** True when the broker was told of this hand-out, because the listener takes its time. */
    boolean marked;
    /** True when it was accepted; then nothing more is said of it, whatever the application does. */
    boolean settled;
    /** True when it was handed to a listener outside of a branch that the listener began, and belongs to that. */
    boolean kept;
    /** True when the broker has taken it away: it comes again, to whomever. */
    volatile boolean lost;
    /** The message between taking and handing out; that thread's only. */
    Message opened;

    HandedOut(ConsumerCore consumer, Delivery delivery) {
        this.consumer = consumer;
        this.delivery = delivery;
    }

    int deliveryCount() {
        return delivery.deliveryCount() + missed + repeats;
    }

    /** Of one that was taken back: the broker decides when, and where, it comes again. */
    boolean mustGoBack() {
        int max = delivery.attemptsMax();
        return settled ? deliveryCount() > Math.abs(max) : max < 0 || deliveryCount() > max;
    }

    /** It was handed out by this process before, with this count. */
    void handedOutBefore(int count) {
        missed = Math.max(missed, count + 1 - delivery.deliveryCount());
    }

    /** Hand-outs to be told to the broker; asked once. */
    int missedMarks() {
        int untold = missedTold ? 0 : missed;
        missedTold = true;
        return untold;
    }
}
