package io.penstock.cli.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * What Kafka's admin client is told of the demo's topics, asked again and again on a thread of its own: while brokers die
 * an answer may take long, or fail, and then the one before is what is known.
 */
final class ClusterWatch implements AutoCloseable {
    private static final int EVERY_MILLIS = 100;
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(2);

    private final Admin admin;
    private final List<String> topics;
    private final Thread thread = new Thread(this::watch, "demo-cluster-watch");
    private volatile State state = new State(-1, List.of());
    private volatile boolean closed;

    /** One partition: who leads (-1 nobody), who is in sync. */
    record Line(String topic, int partition, int leader, List<Integer> inSync) {}

    /** @param controller its id, -1 while unknown */
    record State(int controller, List<Line> lines) {

        int leader(String topic, int partition) {
            return lines.stream()
                    .filter(line -> line.topic.equals(topic) && line.partition == partition)
                    .mapToInt(Line::leader)
                    .findFirst()
                    .orElse(-1);
        }

        boolean isLedWithout(int broker) {
            return lines.stream().allMatch(line -> line.leader >= 0 && line.leader != broker);
        }

        boolean allInSync(int replicas) {
            return !lines.isEmpty() && lines.stream().allMatch(line -> line.inSync.size() == replicas);
        }
    }

    ClusterWatch(String bootstrap, List<String> topics) {
        this.topics = topics;
        this.admin = Admin.create(Map.of(
                "bootstrap.servers",
                bootstrap,
                "reconnect.backoff.max.ms",
                "100",
                "default.api.timeout.ms",
                Long.toString(ANSWER_LIMIT.toMillis()),
                "request.timeout.ms",
                "1000"));
        thread.setDaemon(true);
        thread.start();
    }

    State state() {
        return state;
    }

    private void watch() {
        try {
            while (!closed) {
                try {
                    state = ask();
                } catch (ExecutionException | TimeoutException noAnswer) {
                    // The brokers have other things to do; what was known stays.
                    TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
                }
                TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private State ask() throws ExecutionException, TimeoutException, InterruptedException {
        long limit = 2 * ANSWER_LIMIT.toMillis();
        Node controller = admin.describeCluster().controller().get(limit, TimeUnit.MILLISECONDS);
        Map<String, TopicDescription> described =
                admin.describeTopics(topics).allTopicNames().get(limit, TimeUnit.MILLISECONDS);
        List<Line> lines = new ArrayList<>();
        for (String topic : topics) {
            for (TopicPartitionInfo partition : described.get(topic).partitions()) {
                lines.add(new Line(
                        topic,
                        partition.partition(),
                        partition.leader() == null ? -1 : partition.leader().id(),
                        partition.isr().stream().map(Node::id).toList()));
            }
        }
        return new State(controller == null ? -1 : controller.id(), lines);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        admin.close(ANSWER_LIMIT);
    }
}
