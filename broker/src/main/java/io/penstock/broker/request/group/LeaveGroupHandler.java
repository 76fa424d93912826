package io.penstock.broker.request.group;

import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.group.GroupError;
import io.penstock.broker.group.LeaveResult;
import io.penstock.broker.group.LeaveResult.Leaving;
import io.penstock.broker.request.KafkaHandler;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.LeaveGroupRequest;

/** LeaveGroup: one member up to version 2, any number after that. */
final class LeaveGroupHandler implements KafkaHandler<LeaveGroupRequest> {
    private static final int BATCHED = 3;

    private final GroupCoordinator coordinator;

    LeaveGroupHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.LEAVE_GROUP;
    }

    @Override
    public void handle(Call call, LeaveGroupRequest request) {
        LeaveGroupRequestData data = request.data();
        List<Leaving> leaving = new ArrayList<>();
        if (call.version() >= BATCHED) {
            data.members()
                    .forEach(member ->
                            leaving.add(new Leaving(member.memberId(), member.groupInstanceId(), member.reason())));
        } else {
            leaving.add(new Leaving(data.memberId(), null, null));
        }
        coordinator
                .leave(data.groupId(), leaving)
                .thenAccept(result -> call.reply(call.version() >= BATCHED ? batched(result) : single(result)));
    }

    private static LeaveGroupResponseData batched(LeaveResult result) {
        LeaveGroupResponseData response = new LeaveGroupResponseData().setErrorCode(GroupErrors.code(result.error()));
        result.members().forEach(left -> response.members()
                .add(new MemberResponse()
                        .setMemberId(left.memberId())
                        .setGroupInstanceId(left.instanceId())
                        .setErrorCode(GroupErrors.code(left.error()))));
        return response;
    }

    private static LeaveGroupResponseData single(LeaveResult result) {
        GroupError error =
                result.error() == GroupError.NONE && !result.members().isEmpty()
                        ? result.members().get(0).error()
                        : result.error();
        return new LeaveGroupResponseData().setErrorCode(GroupErrors.code(error));
    }
}
