package io.penstock.cli;

import io.penstock.broker.zookeeper.ZooKeeperNode;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code penstock zookeeper}: a server of a ZooKeeper ensemble from this distribution. */
@Command(name = "zookeeper", mixinStandardHelpOptions = true, description = "Runs a server of a ZooKeeper ensemble.")
final class ZooKeeperCommand {

    @Command(name = "start", mixinStandardHelpOptions = true, description = "Starts it in the foreground.")
    int start(
            @Option(
                            names = "--config",
                            paramLabel = "FILE",
                            required = true,
                            description = "a zoo.cfg with ZooKeeper's keys")
                    Path config)
            throws Exception {
        if (!Files.isReadable(config)) {
            throw new UsageException("cannot read " + config);
        }
        ZooKeeperNode node = new ZooKeeperNode(config);
        Runtime.getRuntime().addShutdownHook(new Thread(node::stop, "zookeeper-stop"));
        node.run();
        return 0;
    }
}
