package io.penstock.broker.request.group;

import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.group.GroupMemberId;
import io.penstock.broker.request.KafkaHandler;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.HeartbeatRequest;

/** Heartbeat. */
final class HeartbeatHandler implements KafkaHandler<HeartbeatRequest> {
    private final GroupCoordinator coordinator;

    HeartbeatHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.HEARTBEAT;
    }

    @Override
    public void handle(Call call, HeartbeatRequest request) {
        HeartbeatRequestData data = request.data();
        coordinator
                .heartbeat(
                        new GroupMemberId(data.groupId(), data.memberId(), data.groupInstanceId(), data.generationId()))
                .thenAccept(error -> call.reply(new HeartbeatResponseData().setErrorCode(GroupErrors.code(error))));
    }
}
