package io.penstock.broker.security;

import io.penstock.protocol.scram.ScramCredential;
import io.penstock.protocol.scram.ScramMechanism;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The users as they are now. A name that nobody has is answered like any other, with the same work, and no password fits it. Any
 * thread.
 */
public final class LiveUsers {
    private final ClusterKeys keys;
    private final List<Consumer<Set<String>>> listeners = new CopyOnWriteArrayList<>();
    private volatile Users users = Users.none();

    public LiveUsers(ClusterKeys keys) {
        this.keys = keys;
    }

    /** From now on these; who is gone, or has another password, is told to those who listen. */
    public void become(Users next) {
        Set<String> lost = users.lostIn(next);
        users = next;
        if (!lost.isEmpty()) {
            listeners.forEach(listener -> listener.accept(lost));
        }
    }

    /** Is told the names of those whose logins count no more. */
    public void whenLost(Consumer<Set<String>> listener) {
        listeners.add(listener);
    }

    public boolean isEmpty() {
        return users.isEmpty();
    }

    /** What is kept of the name's password; something that no password fits when nobody has the name. */
    public ScramCredential credential(ScramMechanism mechanism, String name) {
        Users now = users;
        UserCredentials user = now.find(name);
        if (user != null) {
            return user.of(mechanism);
        }
        ScramCredential broker = UserNames.BROKER.equals(name) ? keys.brokers(mechanism) : null;
        return broker != null ? broker : keys.decoy(mechanism, name, now.iterations(ScramCredential.ITERATIONS_MIN));
    }

    /** Takes some milliseconds, whether the user exists or not. */
    public boolean isPassword(String name, String password) {
        return credential(ScramMechanism.SHA_256, name).isOf(password);
    }
}
