package io.penstock.broker.metadata;

import java.util.Collection;
import java.util.Optional;
import java.util.UUID;

/** What is known of the cluster at one moment: immutable, shared by all threads, replaced as a whole. */
public interface ClusterImage {

    String clusterId();

    /** Broker id of the controller, -1 while there is none. */
    int controllerId();

    Collection<BrokerImage> brokers();

    Collection<TopicImage> topics();

    Optional<TopicImage> topic(String name);

    Optional<TopicImage> topic(UUID id);

    Optional<BrokerImage> broker(int id);
}
