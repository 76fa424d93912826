package io.penstock.broker.group;

import java.util.List;

/**
 * A member wants to be in the group's next generation.
 *
 * @param memberId empty for one that has none yet
 * @param instanceId {@code group.instance.id} of a static member, or null (KIP-345)
 * @param rebalanceTimeoutMillis how long the group waits for this member to join again
 * @param protocols in the order of the member's preference
 * @param memberIdRequired true when a new member must come again with the id that it gets (KIP-394)
 * @param skipAssignmentKnown true when the client understands that a leader need not assign (KIP-814)
 */
public record JoinRequest(
        String groupId,
        String memberId,
        String instanceId,
        String clientId,
        String clientHost,
        int sessionTimeoutMillis,
        int rebalanceTimeoutMillis,
        String protocolType,
        List<Protocol> protocols,
        boolean memberIdRequired,
        boolean skipAssignmentKnown) {

    /** A way to assign that a member offers, with what the leader must know of the member. */
    public record Protocol(String name, byte[] metadata) {}
}
