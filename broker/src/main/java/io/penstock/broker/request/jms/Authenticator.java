package io.penstock.broker.request.jms;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** The port that decides who a client is. Called on an event loop; must not block. */
@FunctionalInterface
public interface Authenticator {

    /** Name of a client that gave no name. */
    String ANONYMOUS = "ANONYMOUS";

    /**
     * Returns the name of the authenticated principal.
     *
     * @param user null for an anonymous client
     * @param password null when none was given; never logged
     * @throws FrontException NOT_AUTHENTICATED, with a text for the client
     */
    String authenticate(SocketAddress remote, String user, String password) throws FrontException;

    /**
     * Lets clients in without a name and knows no users: a named one is refused, rather than let in with a password
     * that nobody has checked.
     *
     * @param everywhere false: from this machine only ({@code allow.anonymous} unset)
     */
    static Authenticator anonymous(boolean everywhere) {
        return (remote, user, password) -> {
            if (user != null && !user.isEmpty()) {
                throw FrontException.notAuthenticated(
                        "this broker has no users: connect without a user name and password");
            }
            if (!everywhere && !isLoopback(remote)) {
                throw FrontException.notAuthenticated("anonymous connections are taken from this machine only; "
                        + "allow.anonymous=true takes them from elsewhere");
            }
            return ANONYMOUS;
        };
    }

    private static boolean isLoopback(SocketAddress remote) {
        if (!(remote instanceof InetSocketAddress inet)) {
            return true; // embedded channels and Unix sockets do not leave the machine
        }
        InetAddress address = inet.getAddress();
        return address != null && address.isLoopbackAddress();
    }
}
