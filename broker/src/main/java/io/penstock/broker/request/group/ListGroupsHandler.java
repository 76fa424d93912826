package io.penstock.broker.request.group;

import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.group.GroupListing;
import io.penstock.broker.request.KafkaHandler;
import java.util.List;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListGroupsRequest;

/** ListGroups: the groups that this broker coordinates, by state and type if asked. */
final class ListGroupsHandler implements KafkaHandler<ListGroupsRequest> {
    private static final String CLASSIC = "Classic";

    private final GroupCoordinator coordinator;

    ListGroupsHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.LIST_GROUPS;
    }

    @Override
    public void handle(Call call, ListGroupsRequest request) {
        ListGroupsRequestData data = request.data();
        coordinator.list().whenComplete((groups, failure) -> {
            if (failure == null) {
                call.reply(answer(data, groups));
            } else {
                call.reply(new ListGroupsResponseData().setErrorCode(Errors.COORDINATOR_LOAD_IN_PROGRESS.code()));
            }
        });
    }

    private static ListGroupsResponseData answer(ListGroupsRequestData data, List<GroupListing> groups) {
        ListGroupsResponseData response = new ListGroupsResponseData();
        boolean classic = wanted(data.typesFilter(), CLASSIC);
        for (GroupListing group : groups) {
            if (classic && wanted(data.statesFilter(), group.state().displayName())) {
                response.groups()
                        .add(new ListedGroup()
                                .setGroupId(group.groupId())
                                .setProtocolType(group.protocolType())
                                .setGroupState(group.state().displayName())
                                .setGroupType(CLASSIC));
            }
        }
        return response;
    }

    private static boolean wanted(List<String> filter, String value) {
        return filter.isEmpty() || filter.stream().anyMatch(value::equalsIgnoreCase);
    }
}
