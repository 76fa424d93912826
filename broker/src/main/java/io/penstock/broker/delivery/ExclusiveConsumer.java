package io.penstock.broker.delivery;

/**
 * One consumer at a time gets everything, the first that came; when it goes, the next takes over as soon as nothing is held
 * by others' sessions any more, so that order holds. Owner thread only.
 */
final class ExclusiveConsumer {

    private final GroupState state;
    private final ConsumerRing ring;
    private ConsumerRing.Attached owner;

    ExclusiveConsumer(GroupState state, ConsumerRing ring) {
        this.state = state;
        this.ring = ring;
    }

    /** Decides whose turn it is; the others get nothing. */
    void choose() {
        if (owner == null || ring.find(owner.consumer) != owner) {
            owner = next();
        }
        for (ConsumerRing.Attached each : ring.all()) {
            each.cursor.barred = each != owner;
        }
    }

    private ConsumerRing.Attached next() {
        for (ConsumerRing.Attached each : ring.all()) {
            if (othersHoldNothing(each.consumer.session())) {
                return each;
            }
        }
        return null;
    }

    private boolean othersHoldNothing(SessionKey than) {
        for (GroupSession session : state.sessions()) {
            if (session.heldRecords > 0 && session.key.isSession() && !session.key.equals(than)) {
                return false;
            }
        }
        return true;
    }

    /** Everybody gets something again. */
    void end() {
        owner = null;
        for (ConsumerRing.Attached each : ring.all()) {
            each.cursor.barred = false;
        }
    }
}
