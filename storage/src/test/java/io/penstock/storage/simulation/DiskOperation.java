package io.penstock.storage.simulation;

/** The calls of the disk port, for faults that hit one kind of them. */
public enum DiskOperation {
    OPEN,
    READ,
    WRITE,
    FORCE,
    TRUNCATE,
    ALLOCATE,
    LIST,
    CREATE_DIRECTORY,
    DELETE,
    RENAME,
    SYNC_DIRECTORY
}
