package io.penstock.broker.request;

import io.penstock.broker.security.UserNames;

/**
 * The port that decides who may act as a broker of this cluster: fetch as a replica, command as a controller. Called on
 * event loops; must not block.
 */
@FunctionalInterface
public interface PeerRight {

    boolean allows(String principal);

    /** Who has logged in with what only brokers of this cluster know. */
    static PeerRight brokersOnly() {
        return UserNames.BROKER::equals;
    }
}
