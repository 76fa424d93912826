package io.penstock.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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

    @Option(names = "--quick", description = "fewer scenarios, one short run each: under 5 minutes")
    private boolean quick;

    @Option(names = "--json", paramLabel = "FILE", description = "write all runs and the ratios to FILE")
    private Path json;

    @Option(
            names = "--scenario",
            split = ",",
            paramLabel = "NAME",
            description = "only these: ${COMPLETION-CANDIDATES}")
    private List<Scenario> scenarios;

    @Option(names = "--durability", split = ",", paramLabel = "LEVEL", description = "${COMPLETION-CANDIDATES}")
    private List<Durability> durabilities = List.of(Durability.values());

    @Option(names = "--target", split = ",", paramLabel = "BROKER", description = "${COMPLETION-CANDIDATES}")
    private List<Target> targets;

    @Option(names = "--runs", paramLabel = "N", description = "runs of each scenario (3, with --quick 1)")
    private Integer runs;

    @Option(names = "--seconds", paramLabel = "N", description = "measured seconds of a run (10, with --quick 5)")
    private Integer seconds;

    public static void main(String[] args) {
        System.exit(new CommandLine(new Bench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws Exception {
        List<Target> chosen = targets != null ? targets : compare ? List.of(Target.values()) : List.of(Target.PENSTOCK);
        List<Scenario> selected = scenarios != null ? scenarios : quick ? QUICK : List.of(Scenario.values());
        Report report = new Report();
        try (Workplace place = new Workplace(Path.of(System.getProperty("penstock.home", ".")))) {
            for (Durability durability : durabilities) {
                measure(place, durability, chosen, selected, report);
            }
        }
        report.print(System.out);
        if (json != null) {
            report.writeJson(json);
        }
        return report.complete() ? 0 : 1;
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
            int repetitions = runs != null ? runs : quick ? 1 : 3;
            for (Scenario scenario : selected) {
                // Kafka has no fsync level to compare with, and the bulk rows are compared with Kafka alone.
                boolean skip = quick && durability == Durability.FSYNC && scenario != Scenario.BLOCKING;
                if (skip || (scenario.bulk() && durability == Durability.FSYNC)) {
                    continue;
                }
                for (int run = 0; run < repetitions; run++) {
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
        long measured = 1000L * (seconds != null ? seconds : quick ? 5 : 10);
        LoadOptions options = new LoadOptions(
                broker.target,
                broker.url,
                "bench-" + scenario.key() + "-" + run,
                scenario.width,
                quick ? 4000 : 6000,
                measured,
                quick ? QUICK_BACKLOG : FULL_BACKLOG,
                1024);
        System.err.printf("%s, %s: %s, run %d ... ", scenario.label, durability.label, broker.target.label(), run + 1);
        try {
            Measurement measurement = load(place, scenario, options, broker);
            report.add(durability, scenario, broker.target, measurement);
            System.err.printf("%,.0f/s%n", measurement.rate());
        } catch (IOException e) {
            report.addFailure(durability, scenario, broker.target, e.getMessage());
            System.err.println(e.getMessage());
        }
    }

    private static Measurement load(Workplace place, Scenario scenario, LoadOptions options, BrokerProcess broker)
            throws Exception {
        List<String> command = new ArrayList<>(place.java("-Xms512m", "-Xmx1g", "-XX:+UseParallelGC"));
        // The bulk tools are Kafka's, whatever broker they speak to.
        String classPath = place.loadClassPath(scenario.bulk() ? Target.KAFKA : broker.target);
        command.addAll(List.of("-cp", classPath, Load.class.getName()));
        command.addAll(List.of(options.arguments(scenario.load)));
        Path errors = place.directory("load").resolve("load.err");
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        double cpuAtBegin = 0;
        Measurement measurement = null;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals("BEGIN")) {
                    cpuAtBegin = broker.cpu().toNanos() / 1e9;
                } else if (line.startsWith("END ")) {
                    double cpu = broker.cpu().toNanos() / 1e9 - cpuAtBegin;
                    measurement = Measurement.parse(line, cpu, broker.anonymousResidentBytes());
                }
            }
        }
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        if (measurement == null || measurement.messages() == 0) {
            throw new IOException("failed: "
                    + java.nio.file.Files.readString(errors).lines().limit(3).toList());
        }
        return measurement;
    }
}
