package io.penstock.ra;

import jakarta.resource.spi.ConnectionRequestInfo;

/** What an application asks for with a connection: a user, or null for the one that is configured. Immutable. */
record ConnectionRequest(String user, String password) implements ConnectionRequestInfo {
    static final ConnectionRequest DEFAULT = new ConnectionRequest(null, null);

    /** Without the password. */
    @Override
    public String toString() {
        return "ConnectionRequest[" + user + "]";
    }
}
