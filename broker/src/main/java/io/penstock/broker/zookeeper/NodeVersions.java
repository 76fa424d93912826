package io.penstock.broker.zookeeper;

import java.util.HashMap;
import java.util.Map;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.OpCode;

/**
 * Versions of the nodes whose whole value a change replaces (topics, settings), as the image shows them: a change is
 * written only over the value that it was planned on, so that of two at once none is lost. Read together with the image
 * and changed together with it. On the store's thread.
 *
 * <p>One that is wrong costs an attempt: the write is refused, and what it is about is read again.
 */
final class NodeVersions {
    static final int ABSENT = -1;

    private final Map<String, Integer> versions = new HashMap<>();
    private final NodeVersions below;

    NodeVersions() {
        this(null);
    }

    private NodeVersions(NodeVersions below) {
        this.below = below;
    }

    /** What will be there when what is planned is written. */
    NodeVersions planning() {
        return new NodeVersions(this);
    }

    boolean exists(String path) {
        return of(path) != ABSENT;
    }

    /** {@link #ABSENT} for a node that is not there. */
    int of(String path) {
        Integer version = versions.get(path);
        if (version != null) {
            return version;
        }
        return below == null ? ABSENT : below.of(path);
    }

    void found(String path, int version) {
        versions.put(path, version);
    }

    /** Writes the whole value of a node, if nobody else has meanwhile. */
    void replace(Writes writes, String path, byte[] value) {
        if (exists(path)) {
            writes.set(path, value, of(path));
        } else {
            writes.create(path, value);
        }
    }

    void planned(Writes writes) {
        for (Op operation : writes.operations()) {
            String path = operation.getPath();
            if (!ZNodes.hasVersion(path)) {
                continue;
            }
            switch (operation.getType()) {
                case OpCode.create -> versions.put(path, 0);
                case OpCode.setData -> versions.put(path, of(path) + 1);
                case OpCode.delete -> versions.put(path, ABSENT);
                default -> {
                    // a check changes nothing
                }
            }
        }
    }

    /** What was planned is written. */
    void add(NodeVersions planned) {
        planned.versions.forEach(this::put);
    }

    /** What was read of a topic, which may be gone. */
    void addTopic(String name, NodeVersions read) {
        put(ZNodes.topic(name), read.of(ZNodes.topic(name)));
        put(ZNodes.topicConfig(name), read.of(ZNodes.topicConfig(name)));
    }

    /** What was read of all settings of brokers and destinations. */
    void replaceConfigs(NodeVersions read) {
        versions.keySet().removeIf(ZNodes::isClusterConfig);
        read.versions.forEach((path, version) -> {
            if (ZNodes.isClusterConfig(path)) {
                put(path, version);
            }
        });
    }

    private void put(String path, int version) {
        if (version == ABSENT && below == null) {
            versions.remove(path);
        } else {
            versions.put(path, version);
        }
    }
}
