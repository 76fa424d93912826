package io.penstock.broker.request.jms;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.LoggerFactory;

/** The port that decides who a client is. Called on an event loop; must not block. */
@FunctionalInterface
public interface Authenticator {

    /** Name of a client that gave no name. */
    String ANONYMOUS = "ANONYMOUS";

    /** Names that a warning is written for. */
    int NAMES_TOLD_MAX = 100;

    /**
     * Returns the name of the authenticated principal.
     *
     * @param user null for an anonymous client
     * @param password null when none was given; never logged
     * @throws FrontException NOT_AUTHENTICATED, with a text for the client
     */
    String authenticate(SocketAddress remote, String user, String password) throws FrontException;

    /**
     * Knows no users: everybody is ANONYMOUS, whatever name and password come along (docs/decisions/0004). A warning says so
     * once for each of the first names.
     *
     * @param everywhere false: from this machine only ({@code allow.anonymous} unset)
     */
    static Authenticator anonymous(boolean everywhere) {
        Set<String> told = ConcurrentHashMap.newKeySet();
        return (remote, user, password) -> {
            if (!everywhere && !isLoopback(remote)) {
                throw FrontException.notAuthenticated("anonymous connections are taken from this machine only; "
                        + "allow.anonymous=true takes them from elsewhere");
            }
            if (user != null && !user.isEmpty() && told.size() < NAMES_TOLD_MAX && told.add(user)) {
                LoggerFactory.getLogger(Authenticator.class)
                        .warn(
                                "This broker has no users: {} at {} is let in as {}, its password is not checked",
                                user.replaceAll("\\p{Cntrl}", "?"),
                                remote,
                                ANONYMOUS);
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
