package io.penstock.broker.request.log;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** The fetch sessions of a broker; when there are too many the one that was not used for longest goes. Any thread. */
final class FetchSessions {
    private final int sessionsMax;
    /** Guarded by this, least recently used first. */
    private final Map<Integer, FetchSession> sessions = new LinkedHashMap<>(16, 0.75f, true);

    FetchSessions(int sessionsMax) {
        this.sessionsMax = sessionsMax;
    }

    /** Null when there is none with that id, any more. */
    synchronized FetchSession find(int id) {
        return sessions.get(id);
    }

    /** Null when sessions are switched off. */
    synchronized FetchSession create(boolean byId) {
        if (sessionsMax == 0) {
            return null;
        }
        if (sessions.size() >= sessionsMax) {
            sessions.remove(sessions.keySet().iterator().next());
        }
        int id;
        do {
            // Ids must be hard to hit by chance, not hard to guess: a session holds nothing but offsets.
            id = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
        } while (sessions.containsKey(id));
        FetchSession session = new FetchSession(id, byId);
        sessions.put(id, session);
        return session;
    }

    /** Forgets the session and ends its fetch that waits. */
    void end(int id) {
        FetchSession ended;
        synchronized (this) {
            ended = sessions.remove(id);
        }
        if (ended != null) {
            ended.end();
        }
    }

    synchronized int size() {
        return sessions.size();
    }
}
