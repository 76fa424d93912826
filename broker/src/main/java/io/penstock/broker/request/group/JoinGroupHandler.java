package io.penstock.broker.request.group;

import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.group.JoinRequest;
import io.penstock.broker.group.JoinResult;
import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.request.KafkaHandler;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.JoinGroupRequest;

/** JoinGroup. The answer comes when the group's next generation is formed. */
final class JoinGroupHandler implements KafkaHandler<JoinGroupRequest> {
    private static final int MEMBER_ID_REQUIRED = 4;
    private static final int NULLABLE_PROTOCOL = 7;
    private static final int SKIP_ASSIGNMENT = 9;

    private final GroupCoordinator coordinator;

    JoinGroupHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.JOIN_GROUP;
    }

    @Override
    public void handle(Call call, JoinGroupRequest request) {
        JoinGroupRequestData data = request.data();
        List<JoinRequest.Protocol> protocols = new ArrayList<>(data.protocols().size());
        data.protocols().forEach(p -> protocols.add(new JoinRequest.Protocol(p.name(), p.metadata())));
        // Version 0 knows one time-out for both.
        int rebalanceTimeoutMillis =
                data.rebalanceTimeoutMs() < 0 ? data.sessionTimeoutMs() : data.rebalanceTimeoutMs();
        String clientId = call.header().clientId();
        coordinator
                .join(new JoinRequest(
                        data.groupId(),
                        data.memberId(),
                        data.groupInstanceId(),
                        clientId == null ? "" : clientId,
                        host(call.connection()),
                        data.sessionTimeoutMs(),
                        rebalanceTimeoutMillis,
                        data.protocolType(),
                        protocols,
                        call.version() >= MEMBER_ID_REQUIRED,
                        call.version() >= SKIP_ASSIGNMENT))
                .thenAccept(result -> call.reply(answer(result, call.version())));
    }

    private static String host(ClientConnection connection) {
        return connection.remoteAddress() instanceof InetSocketAddress address && address.getAddress() != null
                ? address.getAddress().toString()
                : String.valueOf(connection.remoteAddress());
    }

    private static JoinGroupResponseData answer(JoinResult result, short version) {
        String protocolName = result.protocolName();
        JoinGroupResponseData response = new JoinGroupResponseData()
                .setErrorCode(GroupErrors.code(result.error()))
                .setGenerationId(result.generation())
                .setProtocolType(result.protocolType())
                .setProtocolName(protocolName == null && version < NULLABLE_PROTOCOL ? "" : protocolName)
                .setLeader(result.leaderId())
                .setSkipAssignment(result.skipAssignment())
                .setMemberId(result.memberId());
        for (JoinResult.JoinedMember member : result.members()) {
            response.members()
                    .add(new JoinGroupResponseMember()
                            .setMemberId(member.memberId())
                            .setGroupInstanceId(member.instanceId())
                            .setMetadata(member.metadata()));
        }
        return response;
    }
}
