package io.penstock.broker.group;

import java.util.List;

/**
 * A group as administrators see it.
 *
 * @param state null when the group does not exist
 * @param protocolName empty when the group has chosen none
 */
public record GroupDescription(
        GroupError error,
        String groupId,
        GroupState state,
        String protocolType,
        String protocolName,
        List<DescribedMember> members) {

    static GroupDescription failed(String groupId, GroupError error) {
        return new GroupDescription(error, groupId, null, "", "", List.of());
    }

    /** One member; metadata and assignment are empty while the group is not stable. */
    public record DescribedMember(
            String memberId,
            String instanceId,
            String clientId,
            String clientHost,
            byte[] metadata,
            byte[] assignment) {}
}
