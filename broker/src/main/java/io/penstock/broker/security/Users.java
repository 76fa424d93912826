package io.penstock.broker.security;

import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** All users at one moment. Immutable. */
public final class Users {
    /** As many as fit into one node of ZooKeeper. */
    public static final int USERS_MAX = 1_500;

    private static final Users NONE = new Users(new TreeMap<>());

    private final SortedMap<String, UserCredentials> byName;

    private Users(SortedMap<String, UserCredentials> byName) {
        this.byName = byName;
    }

    public static Users none() {
        return NONE;
    }

    /** @throws IllegalArgumentException when the name cannot be, or there are too many */
    public Users with(String name, UserCredentials credentials) {
        String fault = UserNames.fault(name);
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
        SortedMap<String, UserCredentials> next = new TreeMap<>(byName);
        next.put(name, credentials);
        if (next.size() > USERS_MAX) {
            throw new IllegalArgumentException("at most " + USERS_MAX + " users are possible");
        }
        return new Users(next);
    }

    public Users without(String name) {
        SortedMap<String, UserCredentials> next = new TreeMap<>(byName);
        next.remove(name);
        return new Users(next);
    }

    /** @throws IllegalArgumentException that names the user whose entry is wrong, and nothing else of it */
    public static Users parse(Map<String, String> texts) {
        SortedMap<String, UserCredentials> read = new TreeMap<>();
        for (Map.Entry<String, String> entry : texts.entrySet()) {
            String fault = UserNames.fault(entry.getKey());
            if (fault != null) {
                throw new IllegalArgumentException("user " + UserNames.shown(entry.getKey()) + ": " + fault);
            }
            try {
                read.put(entry.getKey(), UserCredentials.parse(entry.getValue()));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "user " + UserNames.shown(entry.getKey()) + ": " + e.getMessage(), e);
            }
        }
        if (read.size() > USERS_MAX) {
            throw new IllegalArgumentException(read.size() + " users; at most " + USERS_MAX + " are possible");
        }
        return read.isEmpty() ? NONE : new Users(read);
    }

    /** By name, what is kept, as text. */
    public SortedMap<String, String> texts() {
        SortedMap<String, String> texts = new TreeMap<>();
        byName.forEach((name, credentials) -> texts.put(name, credentials.text()));
        return texts;
    }

    public boolean isEmpty() {
        return byName.isEmpty();
    }

    public Set<String> names() {
        return Collections.unmodifiableSet(byName.keySet());
    }

    /** Null for a user that is not there. */
    UserCredentials find(String name) {
        return byName.get(name);
    }

    /** That all, or the first of them, have. */
    int iterations(int without) {
        return byName.isEmpty()
                ? without
                : byName.get(byName.firstKey()).sha256().iterations();
    }

    /** Names of those here that are not there any more, or have another password. */
    Set<String> lostIn(Users later) {
        Set<String> lost = new HashSet<>();
        byName.forEach((name, credentials) -> {
            if (!Objects.equals(credentials, later.find(name))) {
                lost.add(name);
            }
        });
        return lost;
    }

    /** How many: no more belongs into a log. */
    @Override
    public String toString() {
        return byName.size() + " users";
    }
}
