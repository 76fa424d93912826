package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.ClusterImage;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;

/**
 * The tree that the cluster keeps in ZooKeeper. Every value is JSON with a {@code version} ({@link ZNodeJson}).
 *
 * <pre>
 * /cluster/id                                   {id}
 * /brokers/ids/[id]            (ephemeral)      {host, port, rack, epoch, start_epoch, unclean_epoch, leaving, instance}
 * /brokers/epochs/[id]                          {epoch, unclean_epoch, instance}   grows with each registration
 * /brokers/topics/[topic]                       {id, partitions: [[replica, ...], ...]}   as they were made
 * /brokers/topics/[topic]/id-[topic id]         proves the incarnation, since versions begin anew
 * /brokers/topics/[topic]/partitions/[n]/state  {leader, leader_epoch, isr, eligible, stamps, controller_epoch,
 *                                                replicas, adding_replicas, removing_replicas}
 * /controller                  (ephemeral)      {broker, epoch, instance}
 * /controller_epoch                             {epoch}                     checked by every controller's write
 * /admin/delete_topics/[topic]                  {id}                        a wish, for the controller
 * /admin/reassign_partitions, /isr_change_notification   always empty: moves stand in the states
 * /config/topics/[topic], /config/brokers/[id or &lt;default&gt;]   {config: {key: value}}
 * /config/destinations                          {config: {"pattern key": value}}   made with the first setting
 * /config/users                                 {config: {name: what is kept of the password}}   made with the first user
 * /producer_id_block                            {next}
 * /cluster/resume_key                           bytes, not JSON: signs what clients come back with
 * /cluster/clients/[client id] (ephemeral)      {broker, start_epoch, connection}   where there are several brokers
 * </pre>
 */
final class ZNodes {
    static final String CLUSTER_ID = "/cluster/id";
    static final String BROKER_IDS = "/brokers/ids";
    static final String BROKER_EPOCHS = "/brokers/epochs";
    static final String TOPICS = "/brokers/topics";
    static final String CONTROLLER = "/controller";
    static final String CONTROLLER_EPOCH = "/controller_epoch";
    static final String DELETE_TOPICS = "/admin/delete_topics";
    static final String CONFIG_TOPICS = "/config/topics";
    static final String CONFIG_BROKERS = "/config/brokers";
    static final String CONFIG_DESTINATIONS = "/config/destinations";
    static final String CONFIG_USERS = "/config/users";
    static final String RESUME_KEY = "/cluster/resume_key";
    static final String CLIENTS = "/cluster/clients";
    static final String PRODUCER_ID_BLOCK = "/producer_id_block";

    /** Made once, empty, when a cluster is made; parents stand before children. */
    static final List<String> ROOTS = List.of(
            "/cluster",
            "/brokers",
            BROKER_IDS,
            BROKER_EPOCHS,
            TOPICS,
            "/admin",
            DELETE_TOPICS,
            "/admin/reassign_partitions",
            "/config",
            CONFIG_TOPICS,
            CONFIG_BROKERS,
            "/isr_change_notification");

    private static final String DEFAULT_BROKER = "<default>";

    private ZNodes() {}

    /** For every node that is made: the one place to change when ZooKeeper asks for authentication. */
    static List<ACL> acl() {
        return ZooDefs.Ids.OPEN_ACL_UNSAFE;
    }

    /** Client ids may hold any character. */
    static String clientId(String id) {
        return CLIENTS + "/" + URLEncoder.encode(id, StandardCharsets.UTF_8).replace(".", "%2E");
    }

    static String broker(int id) {
        return BROKER_IDS + "/" + id;
    }

    static String brokerEpoch(int id) {
        return BROKER_EPOCHS + "/" + id;
    }

    static String topic(String name) {
        return TOPICS + "/" + name;
    }

    /** Checked by whoever writes a state: a topic that was deleted and made again has the same paths and versions. */
    static String identity(String topic, UUID id) {
        return topic(topic) + "/id-" + id;
    }

    /** The partition whose state lies at {@code path}; -1 when something else does. */
    static int partitionOfState(String path) {
        if (!path.startsWith(TOPICS) || !path.endsWith("/state")) {
            return -1;
        }
        int end = path.length() - "/state".length();
        return Integer.parseInt(path.substring(path.lastIndexOf('/', end - 1) + 1, end));
    }

    static String partitions(String topic) {
        return TOPICS + "/" + topic + "/partitions";
    }

    static String partition(String topic, int index) {
        return TOPICS + "/" + topic + "/partitions/" + index;
    }

    static String state(String topic, int index) {
        return partition(topic, index) + "/state";
    }

    static String deletion(String topic) {
        return DELETE_TOPICS + "/" + topic;
    }

    static String topicConfig(String topic) {
        return CONFIG_TOPICS + "/" + topic;
    }

    static String brokerConfig(int id) {
        if (id == ClusterImage.DESTINATIONS) {
            return CONFIG_DESTINATIONS;
        }
        if (id == ClusterImage.USERS) {
            return CONFIG_USERS;
        }
        return CONFIG_BROKERS + "/" + (id < 0 ? DEFAULT_BROKER : Integer.toString(id));
    }

    /** -1 for the default of all brokers; {@link ClusterImage#DESTINATIONS}, {@link ClusterImage#USERS}. */
    static int brokerOfConfig(String path) {
        if (path.equals(CONFIG_DESTINATIONS)) {
            return ClusterImage.DESTINATIONS;
        }
        if (path.equals(CONFIG_USERS)) {
            return ClusterImage.USERS;
        }
        String child = childBelow(CONFIG_BROKERS, path);
        return child.equals(DEFAULT_BROKER) ? -1 : Integer.parseInt(child);
    }

    /** True for the settings that belong to no topic. */
    static boolean isClusterConfig(String path) {
        return path.equals(CONFIG_DESTINATIONS)
                || path.equals(CONFIG_USERS)
                || childBelow(CONFIG_BROKERS, path) != null;
    }

    /** True for nodes that {@link NodeVersions} knows: topics and all settings. */
    static boolean hasVersion(String path) {
        return isClusterConfig(path)
                || childBelow(CONFIG_TOPICS, path) != null
                || path.startsWith(TOPICS) && path.lastIndexOf('/') == TOPICS.length();
    }

    /** The step below {@code parent} that {@code path} goes through, or null when it lies elsewhere. */
    static String childBelow(String parent, String path) {
        if (path.length() <= parent.length() + 1 || !path.startsWith(parent) || path.charAt(parent.length()) != '/') {
            return null;
        }
        int end = path.indexOf('/', parent.length() + 1);
        return path.substring(parent.length() + 1, end < 0 ? path.length() : end);
    }
}
