package io.penstock.storage.simulation;

/** What a faulty call does. */
public enum DiskFault {
    /** Fails with an input/output error; nothing is changed. */
    EIO,
    /** A write stores a part of its bytes, then fails with an input/output error. */
    SHORT_WRITE,
    /** Fails for lack of space; a write stores a part of its bytes. */
    DISK_FULL,
    /** A write stores a part of its bytes, then the process dies: {@link SimulatedCrash}. */
    CRASH
}
