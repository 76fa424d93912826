package io.penstock.cli;

import io.penstock.cli.demo.ClusterDemoCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code penstock cluster}: what is about several brokers at once. */
@Command(
        name = "cluster",
        mixinStandardHelpOptions = true,
        description = "Several brokers on one machine, to see how they do.",
        subcommands = ClusterDemoCommand.class)
final class ClusterCommand implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "what shall the cluster do?");
    }
}
