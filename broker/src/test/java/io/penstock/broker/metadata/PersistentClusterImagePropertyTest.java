package io.penstock.broker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class PersistentClusterImagePropertyTest {
    private static final List<String> NAMES = List.of("a", "b.c", "b_c", "d", "e.f");

    /** Even steps put a topic, odd ones remove it; every fourth image is shown to a listener that keeps a copy. */
    @Property(tries = 300)
    void aListenerThatFollowsChangesKnowsWhatTheImageKnows(
            @ForAll @Size(max = 60) List<@IntRange(max = 99) Integer> steps) {
        PersistentClusterImage image = PersistentClusterImage.empty("c").published();
        ClusterImage seen = image;
        Map<UUID, TopicImage> copy = new HashMap<>();
        Map<String, TopicImage> model = new HashMap<>();
        long ids = 1;
        int count = 0;
        for (int step : steps) {
            String name = NAMES.get(step % NAMES.size());
            if (step % 2 == 0 && image.colliding(name).isEmpty()) {
                UUID id = model.containsKey(name) && step % 4 == 0
                        ? model.get(name).id()
                        : new UUID(0, ids++);
                TopicImage topic = new TopicImage(name, id, List.of(), Map.of("k", Integer.toString(step)));
                image = image.withTopic(topic);
                model.put(name, topic);
            } else if (step % 2 == 1) {
                image = image.withTopics(List.of(), List.of(name));
                model.remove(name);
            }
            if (++count % 4 == 0) {
                image = image.published();
                TopicChanges changes = image.changesSince(seen);
                changes.removed().forEach(topic -> copy.remove(topic.id()));
                changes.changed().forEach(topic -> copy.put(topic.id(), topic));
                assertEquals(new HashSet<>(image.topics()), new HashSet<>(copy.values()));
                seen = image;
            }
        }
        assertEquals(new HashSet<>(model.values()), new HashSet<>(image.topics()));
        for (TopicImage topic : model.values()) {
            assertEquals(topic, image.topic(topic.id()).orElseThrow());
        }
        assertEquals(model.containsKey("b.c"), image.colliding("b_c").isPresent());
        assertTrue(image.colliding("a").isEmpty());
    }
}
