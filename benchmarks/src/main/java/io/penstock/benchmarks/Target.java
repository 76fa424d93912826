package io.penstock.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A broker that is measured, and how it is started in a process of its own. */
enum Target {
    PENSTOCK {
        @Override
        boolean supports(Durability durability) {
            return true;
        }

        @Override
        BrokerProcess start(Workplace place, Durability durability) throws Exception {
            Path data = place.directory("penstock");
            Path config = data.resolve("penstock.properties");
            String policy = durability == Durability.FSYNC ? "before-reply" : "interval";
            Files.writeString(
                    config,
                    String.join(
                            "\n",
                            "listeners=PLAINTEXT://127.0.0.1:0",
                            "broker.id=0",
                            "log.dirs=" + data.resolve("logs"),
                            "flush.policy=" + policy,
                            "group.initial.rebalance.delay.ms=0",
                            ""));
            List<String> command = List.of(place.launcher().toString(), "start", "--config", config.toString());
            return BrokerProcess.start(this, command, data, Target::penstockUrl);
        }
    },

    ARTEMIS {
        @Override
        boolean supports(Durability durability) {
            return true;
        }

        @Override
        BrokerProcess start(Workplace place, Durability durability) throws Exception {
            Path data = place.directory("artemis");
            int port = Workplace.freePort();
            List<String> command = new ArrayList<>(place.java("-Xms512m", "-Xmx2g", "-XX:+UseParallelGC"));
            command.addAll(List.of("-cp", place.classPath("artemis")));
            command.add(place.peers().resolve("artemis/ArtemisPeer.java").toString());
            command.addAll(List.of("" + port, data.toString(), "" + (durability == Durability.FSYNC)));
            // confirmationWindowSize makes an async send complete when it is stored, as the others do.
            String url = "tcp://127.0.0.1:" + port + "?confirmationWindowSize=1048576";
            return BrokerProcess.start(this, command, data, line -> line.equals("READY") ? url : null);
        }
    },

    KAFKA {
        @Override
        boolean supports(Durability durability) {
            return durability == Durability.PAGE_CACHE;
        }

        @Override
        BrokerProcess start(Workplace place, Durability durability) throws Exception {
            Path data = place.directory("kafka");
            int port = Workplace.freePort();
            int controllerPort = Workplace.freePort();
            Path config = data.resolve("server.properties");
            Files.writeString(
                    config,
                    String.join(
                            "\n",
                            "process.roles=broker,controller",
                            "node.id=1",
                            "controller.quorum.bootstrap.servers=127.0.0.1:" + controllerPort,
                            "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort,
                            "advertised.listeners=PLAINTEXT://127.0.0.1:" + port,
                            "controller.listener.names=CONTROLLER",
                            "log.dirs=" + data.resolve("logs"),
                            "offsets.topic.replication.factor=1",
                            "transaction.state.log.replication.factor=1",
                            "transaction.state.log.min.isr=1",
                            "group.initial.rebalance.delay.ms=0",
                            ""));
            formatKafka(place, config, data, "--standalone");
            List<String> command = kafkaCommand(place, "1g", config);
            return BrokerProcess.startAndAwaitPort(this, command, data, port, "127.0.0.1:" + port);
        }
    };

    /** What our broker's line on standard output says, null when it is not the one. */
    static String penstockUrl(String line) {
        return line.startsWith("READY penstock://") ? line.substring("READY ".length()) : null;
    }

    /** Makes the directories of a Kafka broker; all of one cluster under the same id. */
    static void formatKafka(Workplace place, Path config, Path data, String... options) throws Exception {
        List<String> format = new ArrayList<>(place.java("-Xmx256m"));
        format.addAll(List.of("-cp", place.classPath("kafka"), "kafka.tools.StorageTool", "format"));
        format.addAll(List.of("-t", "Y2hhcmFjdGVyX3VuaXF1ZQ", "-c", config.toString()));
        format.addAll(List.of(options));
        BrokerProcess.run(format, data.resolve("format.log"));
    }

    static List<String> kafkaCommand(Workplace place, String heap, Path config) throws Exception {
        List<String> command = new ArrayList<>(place.java("-Xms" + heap, "-Xmx" + heap, "-XX:+UseG1GC"));
        command.addAll(List.of("-cp", place.classPath("kafka"), "kafka.Kafka", config.toString()));
        return command;
    }

    abstract boolean supports(Durability durability);

    abstract BrokerProcess start(Workplace place, Durability durability) throws Exception;

    String label() {
        return name().charAt(0) + name().substring(1).toLowerCase(java.util.Locale.ROOT);
    }
}
