package io.penstock.broker.zookeeper;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The production store of one life of a broker, on {@link ZooKeeperModel}, for simulations in other packages. */
public record SimulatedMetadata(ZooKeeperMetadataStore store) {

    /**
     * Begins to read; nothing has been read when this returns.
     *
     * @param thread of the store
     * @param ids gives topic ids
     */
    public static SimulatedMetadata open(
            BrokerSettings settings, Clock clock, Owner thread, ZooKeeperModel.Client client, Supplier<UUID> ids) {
        int id = settings.brokerId();
        ZooKeeperMetadataStore store = new ZooKeeperMetadataStore(
                new ZooKeeperMetadataStore.Settings(
                        "model",
                        settings.intValue("zookeeper.session.timeout.ms"),
                        settings.intValue("zookeeper.connection.timeout.ms"),
                        id,
                        List.of(),
                        settings),
                clock,
                thread,
                client,
                "instance-" + id,
                ids);
        return new SimulatedMetadata(store);
    }

    public void begin() {
        store.begin("model");
    }

    /** Done when everything was read once. */
    public CompletableFuture<Void> firstLoad() {
        return store.firstLoad();
    }
}
