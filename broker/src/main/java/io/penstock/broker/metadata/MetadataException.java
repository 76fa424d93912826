package io.penstock.broker.metadata;

/** Why the authority did not do what was asked. */
public final class MetadataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** Kinds of refusal and failure. */
    public enum Reason {
        TOPIC_EXISTS,
        /** Exists under a name that differs only in '.' and '_'. */
        NAME_COLLISION,
        INVALID_NAME,
        INVALID_PARTITIONS,
        INVALID_REPLICATION_FACTOR,
        INVALID_ASSIGNMENT,
        INVALID_CONFIG,
        UNKNOWN_TOPIC,
        NO_REASSIGNMENT,
        ELECTION_NOT_NEEDED,
        PREFERRED_LEADER_NOT_AVAILABLE,
        ELIGIBLE_LEADERS_NOT_AVAILABLE,
        DUPLICATE_BROKER,
        WRONG_CLUSTER,
        /** The authority has another version than the change rests on; the image shows it by now. */
        STALE,
        UNAVAILABLE
    }

    public MetadataException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public MetadataException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
