package io.penstock.broker.transaction;

import io.penstock.broker.delivery.SessionKey;
import io.penstock.storage.time.Owner;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Commits of which this process, as their home, has said that they will never be decided: for each session the largest
 * sequence. Kept for an hour: a broker that asks for a decision has asked its leaders within seconds before. Owner of the
 * home's log only.
 */
public final class CommitFences {
    private static final int SESSIONS_MAX = 100_000;
    private static final long KEPT_NANOS = TimeUnit.HOURS.toNanos(1);

    private final Map<SessionKey, Long> refused = new HashMap<>();

    /** False when too many are remembered: then nothing was refused. */
    boolean refuse(SessionKey session, long sequence, Owner owner) {
        Long present = refused.get(session);
        if (present != null && present >= sequence) {
            return true;
        }
        if (present == null && refused.size() >= SESSIONS_MAX) {
            return false;
        }
        refused.put(session, sequence);
        owner.schedule(() -> refused.remove(session, sequence), KEPT_NANOS);
        return true;
    }

    boolean isRefused(SessionKey session, long sequence) {
        Long present = refused.get(session);
        return present != null && present >= sequence;
    }
}
