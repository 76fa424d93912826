package io.penstock.cli;

import io.penstock.cli.demo.DemoCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line's main class. Exit codes: 0 done, 1 failed, 2 usage or configuration; a signal gives 130 or 143.
 */
@Command(
        name = "penstock",
        mixinStandardHelpOptions = true,
        versionProvider = Penstock.Version.class,
        sortOptions = false,
        description = "A Jakarta Messaging provider on a partitioned log, and a broker for Kafka clients.",
        subcommands = {
            StartCommand.class,
            DemoCommand.class,
            ClusterCommand.class,
            TopicCommand.class,
            QueueCommand.class,
            SubscriptionCommand.class,
            GroupCommand.class,
            SettingsCommand.class,
            UserCommand.class,
            TransactionCommand.class,
            MigrateCommand.class,
            ProduceCommand.class,
            ConsumeCommand.class,
            ZooKeeperCommand.class
        },
        footer = {"", "penstock bench measures, beside Artemis and Kafka with --compare (penstock bench --help)."})
public final class Penstock implements Runnable {

    /** Version from the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Penstock.class.getPackage().getImplementationVersion();
            return new String[] {"penstock " + (version == null ? "(not packaged)" : version)};
        }
    }

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "what shall it do?");
    }

    /** The command line as it is run, for tests. */
    static CommandLine commandLine() {
        return new CommandLine(new Penstock())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(Penstock::explain);
    }

    /** One line for people; the whole trace only when asked for, or when the error is our own. */
    private static int explain(Exception error, CommandLine command, CommandLine.ParseResult parsed) {
        Throwable cause = error;
        while (cause.getCause() != null
                && (cause instanceof java.util.concurrent.ExecutionException
                        || cause instanceof java.util.concurrent.CompletionException)) {
            cause = cause.getCause();
        }
        if (cause instanceof UsageException) {
            command.getErr().println("penstock: " + cause.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        String text = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        command.getErr().println("penstock: " + text);
        boolean ours = cause instanceof RuntimeException && !(cause instanceof org.apache.kafka.common.KafkaException);
        if (ours || System.getenv("PENSTOCK_TRACE") != null) {
            error.printStackTrace(command.getErr());
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    public static void main(String[] args) {
        int status = commandLine().execute(args);
        System.out.flush();
        System.exit(status);
    }
}
