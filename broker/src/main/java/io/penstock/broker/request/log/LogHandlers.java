package io.penstock.broker.request.log;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.transaction.kafka.TransactionGate;
import java.util.List;

/** The handlers of this package, for the dispatch table. */
public final class LogHandlers {
    private LogHandlers() {}

    /**
     * @param settings of this broker, as its file has them
     * @param transactions lets transactional batches into partitions
     */
    public static List<KafkaHandler<?>> all(
            MetadataStore store, Partitions partitions, BrokerSettings settings, TransactionGate transactions) {
        return List.of(
                new ProduceHandler(store, partitions, settings, transactions),
                new FetchHandler(
                        store,
                        partitions,
                        new FetchSessions(settings.intValue("max.incremental.fetch.session.cache.slots")),
                        settings.intValue("fetch.max.bytes")),
                new ListOffsetsHandler(store, partitions),
                new OffsetForLeaderEpochHandler(store, partitions),
                new DeleteRecordsHandler(store, partitions));
    }
}
