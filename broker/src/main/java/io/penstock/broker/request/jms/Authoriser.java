package io.penstock.broker.request.jms;

/** The port that decides what a principal may do. Called on event loops; must not block. */
@FunctionalInterface
public interface Authoriser {

    /** What is to be done with a destination. */
    enum Right {
        DESCRIBE,
        CREATE,
        READ,
        WRITE,
        /** Change settings, by pattern. */
        ALTER
    }

    /** @param destination name of the queue or topic; the pattern for a description of many */
    boolean allows(String principal, Right right, String destination);

    /** Until there are access lists. */
    static Authoriser allowAll() {
        return (principal, right, destination) -> true;
    }
}
