package io.penstock.broker.simulation;

/** What goes wrong in a simulated cluster. */
enum Fault {
    /** A process dies; the page cache survives. */
    KILL,
    /** A machine loses what it has not forced. */
    POWER_CUT,
    CLEAN_RESTART,
    /** As SIGSTOP, for less or more than a session. */
    PAUSE,
    /** Nothing gets from one machine to another, in one direction. */
    CUT_ONE_WAY,
    CUT,
    RESET,
    /** What a client sends to a broker arrives late, perhaps after the client has given it up. */
    CLIENT_CUT,
    CLIENT_RESET,
    /** A broker does not reach ZooKeeper, for less or more than a session. */
    ZOOKEEPER_CUT,
    ZOOKEEPER_HICCUP,
    SLOW_DISK,
    CLOCK_JUMP
}
