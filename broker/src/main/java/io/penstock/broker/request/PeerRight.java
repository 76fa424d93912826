package io.penstock.broker.request;

/**
 * The port that decides who may act as a broker of this cluster: fetch as a replica, command as a controller. Called on
 * event loops; must not block.
 */
@FunctionalInterface
public interface PeerRight {

    boolean allows(String principal);

    /** As long as there are no users. */
    static PeerRight allowAll() {
        return principal -> true;
    }
}
