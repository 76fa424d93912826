package io.penstock.cli;

import io.penstock.protocol.message.AlterSettingsRequest;
import io.penstock.protocol.message.DescribeSettingsRequest;
import io.penstock.protocol.message.DescribeSettingsResponse;
import io.penstock.protocol.message.DestinationSetting;
import io.penstock.protocol.message.PenstockApi;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code penstock settings}: what queues and topics do with messages that fail or expire, by pattern of their names. */
@Command(
        name = "settings",
        mixinStandardHelpOptions = true,
        description = "Settings of queues and topics by pattern: '*' is one word, '#' any number, '.' separates words.")
final class SettingsCommand {
    private static final String ROW = "%-40s %-34s %s%n";

    private final PrintStream out = System.out;

    @Command(
            name = "set",
            mixinStandardHelpOptions = true,
            description = "Changes settings at once and for good, such as: set 'orders.#' max-delivery-attempts=5")
    int set(
            @Mixin BrokerOption broker,
            @Parameters(index = "0", paramLabel = "PATTERN") String pattern,
            @Parameters(index = "1..*", arity = "1..*", paramLabel = "KEY=VALUE") List<String> settings)
            throws Exception {
        List<DestinationSetting> changes = new ArrayList<>();
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            if (equals <= 0) {
                throw new UsageException("'" + setting + "' is no KEY=VALUE");
            }
            changes.add(new DestinationSetting(pattern, setting.substring(0, equals), setting.substring(equals + 1)));
        }
        alter(broker, changes);
        return 0;
    }

    @Command(name = "unset", mixinStandardHelpOptions = true, description = "Takes settings back.")
    int unset(
            @Mixin BrokerOption broker,
            @Parameters(index = "0", paramLabel = "PATTERN") String pattern,
            @Parameters(index = "1..*", paramLabel = "KEY", description = "all of the pattern without any")
                    List<String> keys)
            throws Exception {
        List<String> unset = keys != null
                ? keys
                : describe(broker, null).stream()
                        .filter(setting -> setting.pattern().equals(pattern))
                        .map(DestinationSetting::key)
                        .toList();
        alter(
                broker,
                unset.stream()
                        .map(key -> new DestinationSetting(pattern, key, null))
                        .toList());
        return 0;
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists what is set, strongest first.")
    int list(@Mixin BrokerOption broker) throws Exception {
        out.printf(ROW, "PATTERN", "KEY", "VALUE");
        describe(broker, null).forEach(set -> out.printf(ROW, set.pattern(), set.key(), set.value()));
        return 0;
    }

    @Command(
            name = "get",
            mixinStandardHelpOptions = true,
            description = "Shows what is in force for a queue or topic, and which pattern says so.")
    int get(@Mixin BrokerOption broker, @Parameters(paramLabel = "NAME") String name) throws Exception {
        out.printf(ROW, "FROM", "KEY", "VALUE");
        describe(broker, name).forEach(set -> out.printf(ROW, set.pattern(), set.key(), set.value()));
        return 0;
    }

    private static void alter(BrokerOption broker, List<DestinationSetting> changes) throws Exception {
        BrokerCalls.ask(broker, PenstockApi.ALTER_SETTINGS, new AlterSettingsRequest(changes));
    }

    private static List<DestinationSetting> describe(BrokerOption broker, String destination) throws Exception {
        return DescribeSettingsResponse.read(
                        BrokerCalls.ask(
                                broker, PenstockApi.DESCRIBE_SETTINGS, new DescribeSettingsRequest(destination)),
                        (short) 0)
                .settings();
    }
}
