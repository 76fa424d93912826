package io.penstock.storage.log;

/** Who appends, which decides what is checked and patched. */
public enum AppendOrigin {
    /** A client: offsets are assigned, CRC, count, sequence and size checked, control batches refused. */
    CLIENT,
    /** The broker itself (ledger, coordinators, markers): offsets are assigned, control batches allowed. */
    BROKER,
    /** A leader's batches on a follower: offsets and epochs are kept as they come and must continue the log. */
    REPLICATION
}
