package io.penstock.broker.request.log;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.TopicImage;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.Uuid;

/** Topics as requests name them: by name, or in newer versions by id alone. Stateless. */
final class Topics {
    private Topics() {}

    static Optional<TopicImage> find(ClusterImage image, boolean byId, String name, Uuid id) {
        return byId
                ? image.topic(new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()))
                : image.topic(name);
    }

    static Uuid id(UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }
}
