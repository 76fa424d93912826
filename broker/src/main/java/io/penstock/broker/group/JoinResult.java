package io.penstock.broker.group;

import java.util.List;

/**
 * The answer to a join.
 *
 * @param protocolName null where there is none
 * @param skipAssignment the leader must not assign anew: the assignment of this generation stands
 * @param members filled for the leader alone
 */
public record JoinResult(
        GroupError error,
        int generation,
        String protocolType,
        String protocolName,
        String leaderId,
        boolean skipAssignment,
        String memberId,
        List<JoinedMember> members) {

    static JoinResult failed(String memberId, GroupError error) {
        return new JoinResult(error, -1, null, null, "", false, memberId, List.of());
    }

    /** One member as the leader sees it. */
    public record JoinedMember(String memberId, String instanceId, byte[] metadata) {}
}
