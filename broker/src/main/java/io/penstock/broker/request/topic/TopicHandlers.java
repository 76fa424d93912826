package io.penstock.broker.request.topic;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicCreation;
import io.penstock.broker.request.KafkaHandler;
import java.util.List;

/** The handlers of this package, for the dispatch table. */
public final class TopicHandlers {
    private TopicHandlers() {}

    /** @param settings of this broker, as its file has them */
    public static List<KafkaHandler<?>> all(MetadataStore store, BrokerSettings settings) {
        TopicCreation creation = new TopicCreation(store, settings);
        return List.of(
                new MetadataHandler(store, creation),
                new CreateTopicsHandler(creation),
                new DeleteTopicsHandler(store, creation),
                new CreatePartitionsHandler(store),
                new ElectLeadersHandler(store),
                new AlterReassignmentsHandler(store),
                new ListReassignmentsHandler(store),
                new DescribeConfigsHandler(store, creation),
                new IncrementalAlterConfigsHandler(new ConfigChanges(store, creation)),
                new AlterConfigsHandler(store, new ConfigChanges(store, creation)),
                new DescribeClusterHandler(store),
                new DescribeTopicPartitionsHandler(store));
    }
}
