package io.penstock.jms.wire;

import io.penstock.jms.client.Clock;

/** The machine's clock. */
enum SystemClock implements Clock {
    INSTANCE;

    @Override
    public long wallMillis() {
        return System.currentTimeMillis();
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }
}
