package io.penstock.broker.metadata;

import java.util.ArrayList;
import java.util.List;

/**
 * What differs between two images of the cluster, as far as topics go. A topic that was deleted and made again under
 * the same name has another id: the old one is in {@code removed}, the new one in {@code changed}.
 *
 * @param changed new topics, and topics with other partitions, leaders or settings, as they are now
 * @param removed topics that are gone, as they were
 */
public record TopicChanges(List<TopicImage> changed, List<TopicImage> removed) {

    /** Compares two images topic by topic: costs as much as there are topics. */
    static TopicChanges compare(ClusterImage before, ClusterImage after) {
        List<TopicImage> changed = new ArrayList<>();
        List<TopicImage> removed = new ArrayList<>();
        for (TopicImage topic : after.topics()) {
            if (!topic.equals(before.topic(topic.id()).orElse(null))) {
                changed.add(topic);
            }
        }
        for (TopicImage topic : before.topics()) {
            if (after.topic(topic.id()).isEmpty()) {
                removed.add(topic);
            }
        }
        return new TopicChanges(changed, removed);
    }

    public boolean isEmpty() {
        return changed.isEmpty() && removed.isEmpty();
    }
}
