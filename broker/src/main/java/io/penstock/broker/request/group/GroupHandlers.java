package io.penstock.broker.request.group;

import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.transaction.kafka.TransactionCoordinator;
import io.penstock.storage.time.Clock;
import java.util.List;

/** The handlers of this package, for the dispatch table. */
public final class GroupHandlers {
    private GroupHandlers() {}

    /** @param offsetMetadataBytesMax {@code offset.metadata.max.bytes} */
    public static List<KafkaHandler<?>> all(
            GroupCoordinator coordinator,
            TransactionCoordinator transactions,
            MetadataStore metadata,
            Clock clock,
            int offsetMetadataBytesMax) {
        return List.of(
                new FindCoordinatorHandler(coordinator, transactions),
                new JoinGroupHandler(coordinator),
                new SyncGroupHandler(coordinator),
                new HeartbeatHandler(coordinator),
                new LeaveGroupHandler(coordinator),
                new OffsetCommitHandler(coordinator, metadata, clock, offsetMetadataBytesMax),
                new OffsetFetchHandler(coordinator, metadata),
                new OffsetDeleteHandler(coordinator, metadata),
                new ListGroupsHandler(coordinator),
                new DescribeGroupsHandler(coordinator),
                new DeleteGroupsHandler(coordinator));
    }
}
