package io.penstock.matrix;

/** Counts what the branches of one transaction have come to, and does something at one point. The transaction's thread. */
final class CommitCourse {
    private static final int BRANCHES = 2;

    private final CommitPoint at;
    private final Runnable event;
    private int prepares;
    private int commits;
    private boolean happened;

    CommitCourse(CommitPoint at, Runnable event) {
        this.at = at;
        this.event = event;
    }

    void preparing() {
        if (prepares == 0) {
            reached(CommitPoint.BEFORE_PREPARE);
        }
    }

    void prepared() {
        prepares++;
        reached(prepares == BRANCHES ? CommitPoint.ALL_PREPARED : CommitPoint.FIRST_PREPARED);
    }

    void committing() {
        if (commits == 0) {
            reached(CommitPoint.DECIDED);
        }
    }

    void committed() {
        commits++;
        reached(commits == BRANCHES ? CommitPoint.ALL_COMMITTED : CommitPoint.FIRST_COMMITTED);
    }

    /** Whether the event has been: a test in which it never is says nothing. */
    boolean happened() {
        return happened;
    }

    private void reached(CommitPoint point) {
        if (point == at && !happened) {
            happened = true;
            event.run();
        }
    }
}
