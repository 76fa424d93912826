package io.penstock.broker.group;

import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import io.penstock.storage.time.Owner.Cancellable;
import java.util.concurrent.TimeUnit;

/**
 * What time does to the groups of one shard: sessions end, joins and syncs are not waited for without limit. A session
 * has one timer, which looks at its member's deadline when it fires; a heartbeat only moves the deadline. Owner thread
 * only.
 */
final class GroupTimers {
    /** How long a new member may wait for its first generation without a sign of life. */
    static final int NEW_MEMBER_JOIN_MILLIS = 5 * 60 * 1000;

    private final Owner owner;
    private final Clock clock;
    private Expiry expiry;

    /** Told what has run out. */
    interface Expiry {
        void sessionEnded(Group group, Member member);

        void pendingMemberGone(Group group);

        void joinTimeEnded(Group group);

        void syncTimeEnded(Group group, int generation);
    }

    GroupTimers(Owner owner, Clock clock) {
        this.owner = owner;
        this.clock = clock;
    }

    void tell(Expiry told) {
        expiry = told;
    }

    long nowMillis() {
        return clock.millis();
    }

    /** Begins the member's session anew. */
    void heard(Group group, Member member) {
        heard(group, member, member.sessionTimeoutMillis);
    }

    /** As {@link #heard(Group, Member)}, for a new member that waits for its first generation. */
    void heardNew(Group group, Member member) {
        heard(group, member, Math.max(member.sessionTimeoutMillis, NEW_MEMBER_JOIN_MILLIS));
    }

    private void heard(Group group, Member member, int timeoutMillis) {
        long deadline = clock.nanos() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        boolean sooner = deadline - member.deadlineNanos < 0;
        member.deadlineNanos = deadline;
        if (member.sessionTimer == null || sooner) {
            member.cancelTimer();
            arm(group, member, TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
        }
    }

    private void arm(Group group, Member member, long delayNanos) {
        member.sessionTimer = owner.schedule(() -> look(group, member), delayNanos);
    }

    private void look(Group group, Member member) {
        member.sessionTimer = null;
        if (group.member(member.id) != member) {
            return;
        }
        long left = member.deadlineNanos - clock.nanos();
        boolean waits = member.awaitingSync != null || (member.awaitingJoin != null && !member.isNew);
        if (left > 0) {
            arm(group, member, left);
        } else if (waits) {
            heard(group, member);
        } else {
            expiry.sessionEnded(group, member);
        }
    }

    void awaitPendingMember(Group group, String memberId, int sessionTimeoutMillis) {
        Runnable forget = () -> {
            if (group.pendingMembers.remove(memberId) != null) {
                expiry.pendingMemberGone(group);
            }
        };
        group.pendingMembers.put(memberId, owner.schedule(forget, TimeUnit.MILLISECONDS.toNanos(sessionTimeoutMillis)));
    }

    void forgetPendingMember(Group group, String memberId) {
        Cancellable timer = group.pendingMembers.remove(memberId);
        if (timer != null) {
            timer.cancel();
        }
    }

    void awaitJoins(Group group, int timeoutMillis) {
        cancelJoins(group);
        group.joinTimer = owner.schedule(
                () -> {
                    group.joinTimer = null;
                    expiry.joinTimeEnded(group);
                },
                TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
    }

    void cancelJoins(Group group) {
        if (group.joinTimer != null) {
            group.joinTimer.cancel();
            group.joinTimer = null;
        }
    }

    void awaitSyncs(Group group, int timeoutMillis) {
        cancelSyncs(group);
        int generation = group.generation();
        group.syncTimer = owner.schedule(
                () -> {
                    group.syncTimer = null;
                    expiry.syncTimeEnded(group, generation);
                },
                TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
    }

    void cancelSyncs(Group group) {
        if (group.syncTimer != null) {
            group.syncTimer.cancel();
            group.syncTimer = null;
        }
    }

    void cancelAll(Group group) {
        cancelJoins(group);
        cancelSyncs(group);
        group.members().forEach(Member::cancelTimer);
        group.pendingMembers.values().forEach(Cancellable::cancel);
        group.pendingMembers.clear();
    }
}
