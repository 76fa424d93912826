package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.security.UserCredentials;
import io.penstock.broker.zookeeper.ClusterUsers;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** B7a in a cluster: all brokers have the same users, and log in with each other where nobody is let in without a login. */
@Timeout(180)
class ClusterUsersIT {
    @TempDir
    Path directory;

    private static Map<String, Object> client(String bootstrap, String user, String password) {
        return Map.of(
                "bootstrap.servers",
                bootstrap,
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "SCRAM-SHA-256",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user + "\" password=\""
                        + password + "\";");
    }

    private static UserCredentials credentials(String password) {
        return UserCredentials.of(password, 4096, new SecureRandom());
    }

    @Test
    void usersAndBrokersLogIn() throws Exception {
        Map<String, String> settings = Map.of("allow.anonymous", "false", "default.replication.factor", "3");
        try (ClusterOfBrokers cluster = new ClusterOfBrokers(directory, settings)) {
            try (ClusterUsers users = new ClusterUsers(cluster.zookeeper())) {
                // Before there is any broker.
                users.change(before -> before.with("alice", credentials("a")));
                for (int id = 1; id <= 3; id++) {
                    cluster.start(id);
                }
                try (Admin admin = Admin.create(client(cluster.bootstrap(), "alice", "a"));
                        KafkaProducer<String, String> producer = new KafkaProducer<>(
                                client(cluster.bootstrap(), "alice", "a"),
                                new StringSerializer(),
                                new StringSerializer())) {
                    admin.createTopics(List.of(
                                    new NewTopic("orders", 3, (short) 3).configs(Map.of("min.insync.replicas", "3"))))
                            .all()
                            .get(60, TimeUnit.SECONDS);
                    for (int i = 0; i < 30; i++) {
                        // Answered when all three have it: followers have logged in with leaders.
                        producer.send(new ProducerRecord<>("orders", Integer.toString(i), "v"))
                                .get(60, TimeUnit.SECONDS);
                    }
                }
                users.change(before -> before.with("bob", credentials("b")).without("alice"));
                assertEquals(Set.of("bob"), users.read().names());
                for (Broker broker : cluster.brokers.values()) {
                    String address = broker.host() + ":" + broker.port();
                    awaitLogin(address);
                    assertInstanceOf(
                            SaslAuthenticationException.class,
                            assertThrows(ExecutionException.class, () -> nodes(address, "alice", "a"))
                                    .getCause());
                }
            }
        }
    }

    private static int nodes(String address, String user, String password) throws Exception {
        try (Admin admin = Admin.create(client(address, user, password))) {
            return admin.describeCluster().nodes().get(30, TimeUnit.SECONDS).size();
        }
    }

    private static void awaitLogin(String address) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try {
                assertEquals(3, nodes(address, "bob", "b"));
                return;
            } catch (ExecutionException e) {
                assertTrue(System.nanoTime() < end, "bob is not let in: " + e.getCause());
            }
        }
    }
}
