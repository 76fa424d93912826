package io.penstock.broker.request.topic;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.PartitionImage;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataResponse;

/** How parts of the cluster's image look in Kafka's messages. */
final class KafkaView {
    /** Without an authoriser everybody may do everything that there is for a topic, or for the cluster. */
    static final int TOPIC_OPERATIONS = bits(
            AclOperation.READ,
            AclOperation.WRITE,
            AclOperation.CREATE,
            AclOperation.DELETE,
            AclOperation.ALTER,
            AclOperation.DESCRIBE,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS);

    static final int CLUSTER_OPERATIONS = bits(
            AclOperation.CREATE,
            AclOperation.ALTER,
            AclOperation.DESCRIBE,
            AclOperation.CLUSTER_ACTION,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS,
            AclOperation.IDEMPOTENT_WRITE);

    private KafkaView() {}

    static Uuid id(UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    static UUID id(Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    /** The leader if it lives; clients cannot go to one that does not. */
    static int leader(ClusterImage image, PartitionImage partition) {
        return image.broker(partition.leader()).isPresent() ? partition.leader() : MetadataResponse.NO_LEADER_ID;
    }

    static Errors error(ClusterImage image, PartitionImage partition) {
        return image.broker(partition.leader()).isPresent() ? Errors.NONE : Errors.LEADER_NOT_AVAILABLE;
    }

    static List<Integer> offline(ClusterImage image, PartitionImage partition) {
        for (int id : partition.replicas()) {
            if (image.broker(id).isEmpty()) {
                return partition.replicas().stream()
                        .filter(replica -> image.broker(replica).isEmpty())
                        .toList();
            }
        }
        return List.of();
    }

    /** The controller as clients see it: any broker while there is none, since all take requests of administrators. */
    static int controller(ClusterImage image) {
        Collection<BrokerImage> brokers = image.brokers();
        return image.broker(image.controllerId()).isPresent() || brokers.isEmpty()
                ? image.controllerId()
                : brokers.iterator().next().id();
    }

    private static int bits(AclOperation... operations) {
        int bits = 0;
        for (AclOperation operation : operations) {
            bits |= 1 << operation.code();
        }
        return bits;
    }
}
