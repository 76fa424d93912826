package io.penstock.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code penstock bench}: runs the scenarios against Penstock and, with {@code --compare}, against Artemis and Kafka,
 * interleaved, and prints medians and ratios.
 */
@Command(
        name = "penstock bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures Penstock, beside Artemis and Kafka when asked to.")
public final class Bench implements Callable<Integer> {
    private static final int QUICK_BACKLOG = 200_000;
    private static final int FULL_BACKLOG = 1_000_000;
    private static final List<Scenario> QUICK = List.of(
            Scenario.BLOCKING, Scenario.ASYNC, Scenario.BACKLOG_DRAIN, Scenario.BULK_PRODUCE, Scenario.BULK_CONSUME);

    @Option(names = "--compare", description = "also measure Artemis and Kafka, fetched by Maven at the first use")
    private boolean compare;

    @Option(names = "--cluster", description = "three brokers, three replicas, and what happens when a leader goes")
    private boolean cluster;

    @Option(names = "--quick", description = "fewer scenarios, one short run each: under 5 minutes")
    private boolean quick;

    @Option(names = "--json", paramLabel = "FILE", description = "write all runs and the ratios to FILE")
    private Path json;

    @Option(
            names = "--scenario",
            split = ",",
            paramLabel = "NAME",
            completionCandidates = ScenarioNames.class,
            description = "only these: ${COMPLETION-CANDIDATES}")
    private List<String> scenarios;

    @Option(names = "--durability", split = ",", paramLabel = "LEVEL", description = "${COMPLETION-CANDIDATES}")
    private List<Durability> durabilities = List.of(Durability.values());

    @Option(names = "--target", split = ",", paramLabel = "BROKER", description = "${COMPLETION-CANDIDATES}")
    private List<Target> targets;

    @Option(names = "--runs", paramLabel = "N", description = "runs of each scenario (3, with --quick 1)")
    private Integer runs;

    @Option(names = "--seconds", paramLabel = "N", description = "measured seconds of a run (10, with --quick 5)")
    private Integer seconds;

    /** Of one broker, and of three. */
    static final class ScenarioNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.concat(Arrays.stream(Scenario.values()), Arrays.stream(ClusterScenario.values()))
                    .map(Enum::name)
                    .distinct()
                    .iterator();
        }
    }

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--tcp",
            description = "have Penstock's JMS clients use TCP, as those of other brokers do, and not its socket file")
    private boolean tcp;

    public static void main(String[] args) {
        System.exit(new CommandLine(new Bench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws Exception {
        if (cluster) {
            return callCluster();
        }
        List<Target> chosen = targets != null ? targets : compare ? List.of(Target.values()) : List.of(Target.PENSTOCK);
        List<Scenario> selected =
                scenarios != null ? named(Scenario.class) : quick ? QUICK : List.of(Scenario.values());
        Report report = new Report();
        try (Workplace place = new Workplace(Path.of(System.getProperty("penstock.home", ".")))) {
            for (Durability durability : durabilities) {
                measure(place, durability, chosen, selected, report);
            }
        }
        System.out.println(
                tcp
                        ? "All clients are on the brokers' host and use TCP."
                        : "All clients are on the brokers' host; Penstock's JMS clients use its socket file there, as they do by"
                                + " themselves (--tcp: TCP), all others TCP.");
        report.print(System.out);
        if (json != null) {
            report.writeJson(json);
        }
        return report.complete() ? 0 : 1;
    }

    private Integer callCluster() throws Exception {
        List<Contender> contenders = Arrays.stream(Contender.values())
                .filter(each -> targets != null ? targets.contains(each.brokers) : compare || each != Contender.KAFKA)
                .toList();
        List<ClusterScenario> selected =
                scenarios != null ? named(ClusterScenario.class) : List.of(ClusterScenario.values());
        ClusterReport report;
        try (Workplace place = new Workplace(Path.of(System.getProperty("penstock.home", ".")))) {
            report = new ClusterBench(place, quick, repetitions(), measuredMillis()).run(contenders, selected);
        }
        report.print(System.out);
        if (json != null) {
            report.writeJson(json);
        }
        return report.complete() ? 0 : 1;
    }

    private <T extends Enum<T>> List<T> named(Class<T> type) {
        try {
            return scenarios.stream()
                    .map(name ->
                            Enum.valueOf(type, name.toUpperCase(Locale.ROOT).replace('-', '_')))
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "no such scenario" + (cluster ? " of a cluster: " : ": ") + scenarios, e);
        }
    }

    private int repetitions() {
        return runs != null ? runs : quick ? 1 : 3;
    }

    private long measuredMillis() {
        return 1000L * (seconds != null ? seconds : quick ? 5 : 10);
    }

    private void measure(
            Workplace place, Durability durability, List<Target> chosen, List<Scenario> selected, Report report)
            throws Exception {
        List<BrokerProcess> brokers = new ArrayList<>();
        try {
            for (Target target : chosen) {
                if (target.supports(durability)) {
                    brokers.add(target.start(place, durability));
                }
            }
            for (Scenario scenario : selected) {
                // Kafka has no fsync level to compare with, and the bulk rows are compared with Kafka alone.
                boolean skip = quick && durability == Durability.FSYNC && scenario != Scenario.BLOCKING;
                if (skip || (scenario.bulk() && durability == Durability.FSYNC)) {
                    continue;
                }
                for (int run = 0; run < repetitions(); run++) {
                    for (BrokerProcess broker : brokers) {
                        if (scenario.supports(broker.target)) {
                            runOnce(place, durability, scenario, run, broker, report);
                        }
                    }
                }
            }
        } finally {
            for (BrokerProcess broker : brokers) {
                broker.close();
            }
        }
    }

    private void runOnce(
            Workplace place, Durability durability, Scenario scenario, int run, BrokerProcess broker, Report report)
            throws Exception {
        LoadOptions options = new LoadOptions(
                broker.target,
                // The bulk tools are Kafka's: they want an address, and know TCP alone.
                tcp && broker.target == Target.PENSTOCK && !scenario.bulk()
                        ? broker.url + "?jms.localSocket=false"
                        : broker.url,
                "bench-" + scenario.key() + "-" + run,
                scenario.width,
                quick ? 4000 : 6000,
                measuredMillis(),
                quick ? QUICK_BACKLOG : FULL_BACKLOG,
                1024);
        System.err.printf("%s, %s: %s, run %d ... ", scenario.label, durability.label, broker.target.label(), run + 1);
        try {
            // The bulk tools are Kafka's, whatever broker they speak to.
            Target client = scenario.bulk() ? Target.KAFKA : broker.target;
            Measurement measurement = LoadProcess.run(place, client, scenario.load, options, broker);
            report.add(durability, scenario, broker.target, measurement);
            System.err.printf("%,.0f/s%n", measurement.rate());
        } catch (IOException e) {
            report.addFailure(durability, scenario, broker.target, e.getMessage());
            System.err.println(e.getMessage());
        }
    }
}
