package io.penstock.jms.client;

/** Time as the client sees it. */
public interface Clock {
    /** Milliseconds since 1970, which may jump. */
    long wallMillis();

    /** Nanoseconds since some moment, which never go back. */
    long nanos();
}
