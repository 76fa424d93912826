package io.penstock.broker.request.group;

import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.group.GroupMemberId;
import io.penstock.broker.group.SyncRequest;
import io.penstock.broker.request.KafkaHandler;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.SyncGroupRequest;

/** SyncGroup. The answer comes when the leader's assignment is in the log. */
final class SyncGroupHandler implements KafkaHandler<SyncGroupRequest> {
    private static final int PROTOCOL_REQUIRED = 5;

    private final GroupCoordinator coordinator;

    SyncGroupHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.SYNC_GROUP;
    }

    @Override
    public void handle(Call call, SyncGroupRequest request) {
        SyncGroupRequestData data = request.data();
        if (call.version() >= PROTOCOL_REQUIRED && (data.protocolType() == null || data.protocolName() == null)) {
            call.reply(new SyncGroupResponseData()
                    .setErrorCode(Errors.INCONSISTENT_GROUP_PROTOCOL.code())
                    .setAssignment(new byte[0]));
            return;
        }
        Map<String, byte[]> assignments = new HashMap<>();
        data.assignments().forEach(one -> assignments.put(one.memberId(), one.assignment()));
        coordinator
                .sync(new SyncRequest(
                        new GroupMemberId(data.groupId(), data.memberId(), data.groupInstanceId(), data.generationId()),
                        data.protocolType(),
                        data.protocolName(),
                        assignments))
                .thenAccept(result -> call.reply(new SyncGroupResponseData()
                        .setErrorCode(GroupErrors.code(result.error()))
                        .setProtocolType(result.protocolType())
                        .setProtocolName(result.protocolName())
                        .setAssignment(result.assignment())));
    }
}
