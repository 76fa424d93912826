package io.penstock.broker.metadata;

import java.util.Collection;
import java.util.Map;
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

    /** A topic whose name differs from {@code name} only in '.' and '_', so that both cannot exist. */
    Optional<TopicImage> colliding(String name);

    /** In the place of a broker's id: the settings of destinations by pattern (config.SettingsTree reads them). */
    int DESTINATIONS = -2;

    /** In the place of a broker's id: what is kept of users' passwords (security.Users reads it). */
    int USERS = -3;

    /**
     * Settings that can be changed at run time: of a broker, of all brokers by default (-1), of destinations ({@link
     * #DESTINATIONS}); and users ({@link #USERS}). The same map while nothing of it changes.
     */
    Map<String, String> brokerConfig(int brokerId);

    /** What happened to topics between {@code before} and this image; cheap when it is the one just before. */
    default TopicChanges changesSince(ClusterImage before) {
        return TopicChanges.compare(before, this);
    }
}
