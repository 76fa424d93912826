package io.penstock.broker.request.group;

import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.group.GroupDescription;
import io.penstock.broker.group.GroupError;
import io.penstock.broker.group.GroupState;
import io.penstock.broker.request.KafkaHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroupMember;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.DescribeGroupsRequest;

/** DescribeGroups. Up to version 5 a group that does not exist is one that is dead. */
final class DescribeGroupsHandler implements KafkaHandler<DescribeGroupsRequest> {
    private static final int NOT_FOUND = 6;
    private static final int ALL_OPERATIONS =
            1 << AclOperation.READ.code() | 1 << AclOperation.DELETE.code() | 1 << AclOperation.DESCRIBE.code();

    private final GroupCoordinator coordinator;

    DescribeGroupsHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DESCRIBE_GROUPS;
    }

    @Override
    public void handle(Call call, DescribeGroupsRequest request) {
        boolean operations = request.data().includeAuthorizedOperations();
        List<CompletableFuture<DescribedGroup>> groups = new ArrayList<>();
        for (String groupId : request.data().groups()) {
            groups.add(coordinator
                    .describe(groupId)
                    .thenApply(description -> answer(description, call.version(), operations)));
        }
        CompletableFuture.allOf(groups.toArray(CompletableFuture[]::new)).thenRun(() -> {
            DescribeGroupsResponseData response = new DescribeGroupsResponseData();
            groups.forEach(group -> response.groups().add(group.join()));
            call.reply(response);
        });
    }

    private static DescribedGroup answer(GroupDescription group, short version, boolean operations) {
        DescribedGroup answer = new DescribedGroup()
                .setGroupId(group.groupId())
                .setProtocolType(group.protocolType())
                .setProtocolData(group.protocolName())
                .setGroupState(group.state() == null ? "" : group.state().displayName());
        if (group.error() == GroupError.GROUP_ID_NOT_FOUND) {
            answer.setGroupState(GroupState.DEAD.displayName());
            if (version >= NOT_FOUND) {
                answer.setErrorCode(GroupErrors.code(group.error()))
                        .setErrorMessage("Group " + group.groupId() + " not found.");
            }
        } else {
            answer.setErrorCode(GroupErrors.code(group.error()));
        }
        if (operations && group.error() == GroupError.NONE) {
            answer.setAuthorizedOperations(ALL_OPERATIONS);
        }
        group.members().forEach(member -> answer.members()
                .add(new DescribedGroupMember()
                        .setMemberId(member.memberId())
                        .setGroupInstanceId(member.instanceId())
                        .setClientId(member.clientId())
                        .setClientHost(member.clientHost())
                        .setMemberMetadata(member.metadata())
                        .setMemberAssignment(member.assignment())));
        return answer;
    }
}
