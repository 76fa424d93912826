package io.penstock.cli;

import io.penstock.broker.BrokerConfig;
import io.penstock.broker.InvalidConfigException;
import io.penstock.broker.security.UserCredentials;
import io.penstock.broker.security.UserFile;
import io.penstock.broker.security.UserNames;
import io.penstock.broker.security.Users;
import io.penstock.broker.zookeeper.ClusterUsers;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code penstock user}: who may connect. Works on what the configuration names, the file of a single broker or a cluster's ZooKeeper,
 * whether brokers run or not; those that run take changes at once.
 */
@Command(
        name = "user",
        mixinStandardHelpOptions = true,
        description = {
            "Who may connect, with which password; brokers that run take changes at once.",
            "The users are in the file that --config names (users.file, else log.dirs), of a cluster in ZooKeeper."
        })
final class UserCommand {
    private final PrintStream out = System.out;

    /** Which users: those of the broker with this configuration. */
    static final class Place {
        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "the penstock.properties that brokers start with")
        private Path config;

        private BrokerConfig read() throws UsageException {
            try {
                return BrokerConfig.parse(StartCommand.properties(config));
            } catch (InvalidConfigException e) {
                throw new UsageException(e.getMessage());
            }
        }

        Users users() throws IOException, UsageException {
            BrokerConfig broker = read();
            if (broker.usersFile() != null) {
                return new UserFile(broker.usersFile()).read();
            }
            try (ClusterUsers users = new ClusterUsers(broker.zookeeperConnect())) {
                return users.read();
            }
        }

        void change(UnaryOperator<Users> by) throws IOException, UsageException {
            BrokerConfig broker = read();
            if (broker.usersFile() != null) {
                new UserFile(broker.usersFile()).change(by);
                return;
            }
            try (ClusterUsers users = new ClusterUsers(broker.zookeeperConnect())) {
                users.change(by);
            }
        }
    }

    /** What was asked for does not fit what is there. */
    private static final class NotSo extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotSo(String message) {
            super(message);
        }
    }

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description = "Adds a user. The password is asked for, or read from standard input.")
    int add(
            @Mixin Place place,
            @Parameters(paramLabel = "NAME") String name,
            @Option(
                            names = "--password",
                            paramLabel = "PASSWORD",
                            description = "for scripts; others on the machine may see it")
                    String password,
            @Option(names = "--replace", description = "give a user that is there another password") boolean replace,
            @Option(
                            names = "--iterations",
                            paramLabel = "N",
                            defaultValue = "4096",
                            description = "of the password's hash, 4096 (default) to 16384")
                    int iterations)
            throws Exception {
        String fault = UserNames.fault(name);
        if (fault != null) {
            throw new UsageException(fault);
        }
        UserCredentials credentials;
        try {
            credentials = UserCredentials.of(
                    password != null ? password : Passwords.forNew(name), iterations, new SecureRandom());
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
        change(place, users -> {
            if (!replace && users.names().contains(name)) {
                throw new NotSo("there is a user " + name + " already; --replace gives it another password");
            }
            return users.with(name, credentials);
        });
        return 0;
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Removes a user, whose connections are closed.")
    int remove(@Mixin Place place, @Parameters(paramLabel = "NAME") String name) throws Exception {
        change(place, users -> {
            if (!users.names().contains(name)) {
                throw new NotSo("there is no user " + UserNames.shown(name));
            }
            return users.without(name);
        });
        return 0;
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the users' names.")
    int list(@Mixin Place place) throws Exception {
        place.users().names().forEach(out::println);
        return 0;
    }

    private static void change(Place place, UnaryOperator<Users> by) throws IOException, UsageException {
        try {
            place.change(by);
        } catch (NotSo | IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
