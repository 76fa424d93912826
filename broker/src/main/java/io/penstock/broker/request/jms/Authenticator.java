package io.penstock.broker.request.jms;

import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.security.LiveUsers;
import io.penstock.broker.security.UserNames;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.LoggerFactory;

/** The port that decides whose a JMS connection is. Called on an event loop; must not block. */
@FunctionalInterface
public interface Authenticator {

    /** Names that a warning is written for. */
    int NAMES_TOLD_MAX = 100;

    /**
     * Returns the principal of the connection.
     *
     * @param user who the client says it is, null when it does not
     * @throws FrontException NOT_AUTHENTICATED, with a text for the client
     */
    String authenticate(ClientConnection socket, String user) throws FrontException;

    /**
     * Who has logged in is that user. Who has not is ANONYMOUS, where the broker lets in such; a name that comes along then is taken for
     * nothing while there are no users (docs/decisions/0006), and refused when there are.
     */
    static Authenticator of(LiveUsers users) {
        Set<String> told = ConcurrentHashMap.newKeySet();
        return (socket, user) -> {
            boolean named = user != null && !user.isEmpty();
            if (!socket.admitted()) {
                throw FrontException.notAuthenticated(
                        named
                                ? "a user has to log in; this broker has none by now, or the client cannot"
                                : "this broker wants a login: a user and a password");
            }
            String principal = socket.principal();
            if (named && !principal.equals(user)) {
                if (!principal.equals(UserNames.ANONYMOUS) || !users.isEmpty()) {
                    throw FrontException.notAuthenticated("the connection has not logged in as this user");
                }
                if (told.size() < NAMES_TOLD_MAX && told.add(user)) {
                    LoggerFactory.getLogger(Authenticator.class)
                            .warn(
                                    "This broker has no users: {} at {} is let in as {}, its password is not checked",
                                    UserNames.shown(user),
                                    socket.remoteAddress(),
                                    principal);
                }
            }
            return principal;
        };
    }
}
