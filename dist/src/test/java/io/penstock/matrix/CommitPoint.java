package io.penstock.matrix;

/** Where something dies in the two-phase commit of two branches, in the order of time. */
enum CommitPoint {
    BEFORE_PREPARE("before prepare"),
    FIRST_PREPARED("after the first prepare"),
    ALL_PREPARED("after all prepares, before the decision is logged"),
    DECIDED("after the decision is logged"),
    FIRST_COMMITTED("after the first commit"),
    ALL_COMMITTED("after all commits, before forget");

    private final String words;

    CommitPoint(String words) {
        this.words = words;
    }

    /** Whether the transaction manager has written that it commits. */
    boolean decided() {
        return compareTo(DECIDED) >= 0;
    }

    @Override
    public String toString() {
        return words;
    }
}
