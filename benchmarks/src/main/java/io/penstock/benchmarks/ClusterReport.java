package io.penstock.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Collects the runs of three brokers and prints medians, and the ratio of each of ours to Kafka's of the same run. */
final class ClusterReport {
    private final Map<ClusterScenario, EnumMap<Contender, List<Measurement>>> rows =
            new EnumMap<>(ClusterScenario.class);
    private final List<String> failures = new ArrayList<>();

    void add(ClusterScenario scenario, Contender contender, Measurement measurement) {
        rows.computeIfAbsent(scenario, row -> new EnumMap<>(Contender.class))
                .computeIfAbsent(contender, runs -> new ArrayList<>())
                .add(measurement);
    }

    void addFailure(ClusterScenario scenario, Contender contender, String text) {
        failures.add(scenario.key() + ", " + contender.label + ": " + text);
    }

    boolean complete() {
        return failures.isEmpty();
    }

    void print(PrintStream out) {
        out.printf(
                "%-40s %-24s %11s %10s %10s %10s %8s %8s %8s%n",
                "3 brokers, 3 replicas, acks=all",
                "broker, client",
                "rate/s",
                "p50 us",
                "longest ms",
                "CPU s/M",
                "x rate",
                "x CPU",
                "x gap");
        rows.forEach((scenario, byContender) -> byContender.forEach((contender, runs) -> out.printf(
                "%-40s %-24s %11s %10s %10s %10s %8s %8s %8s%n",
                scenario.label,
                contender.label,
                rated(scenario) ? String.format("%,.0f", Medians.of(runs, Measurement::rate)) : "",
                Medians.text(Medians.of(runs, Measurement::p50Micros)),
                Medians.text(Medians.of(runs, Measurement::maxMillis)),
                rated(scenario) ? String.format("%.1f", Medians.of(runs, Measurement::cpuSecondsPerMillion)) : "",
                rated(scenario) ? Medians.text(ratio(byContender, contender, Measurement::rate)) : "",
                rated(scenario) ? Medians.text(ratio(byContender, contender, Measurement::cpuSecondsPerMillion)) : "",
                rated(scenario) ? "" : Medians.text(ratio(byContender, contender, Measurement::maxMillis)))));
        out.println(
                "x: our median divided by that of Kafka's cluster; a rate is better when it is more, the rest when less.");
        failures.forEach(failure -> out.println("FAILED " + failure));
    }

    private static boolean rated(ClusterScenario scenario) {
        return scenario.fault == ClusterScenario.Fault.NONE;
    }

    private static double ratio(
            Map<Contender, List<Measurement>> byContender, Contender contender, ToDoubleFunction<Measurement> figure) {
        List<Measurement> peer = byContender.get(Contender.KAFKA);
        return peer == null || contender == Contender.KAFKA
                ? Double.NaN
                : Medians.ratio(byContender.get(contender), peer, figure);
    }

    void writeJson(Path file) throws IOException {
        List<Map<String, Object>> entries = new ArrayList<>();
        rows.forEach((scenario, byContender) -> byContender.forEach((contender, runs) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("scenario", scenario.key());
            entry.put("contender", contender.name().toLowerCase(java.util.Locale.ROOT));
            entry.put("rate", Medians.of(runs, Measurement::rate));
            entry.put("cpuSecondsPerMillion", Medians.of(runs, Measurement::cpuSecondsPerMillion));
            putNumber(entry, "p50Micros", Medians.of(runs, Measurement::p50Micros));
            putNumber(entry, "longestMillis", Medians.of(runs, Measurement::maxMillis));
            putNumber(entry, "rateRatio", ratio(byContender, contender, Measurement::rate));
            putNumber(entry, "cpuRatio", ratio(byContender, contender, Measurement::cpuSecondsPerMillion));
            entry.put("brokersAnonymousBytes", runs.get(runs.size() - 1).brokerAnonBytes());
            entry.put("rates", runs.stream().map(Measurement::rate).toList());
            entry.put(
                    "allLongestMillis",
                    runs.stream()
                            .map(Measurement::maxMillis)
                            .filter(Double::isFinite)
                            .toList());
            entries.add(entry);
        }));
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(file.toFile(), Map.of("rows", entries, "failures", failures));
    }

    private static void putNumber(Map<String, Object> entry, String name, double value) {
        entry.put(name, Double.isNaN(value) ? null : value);
    }
}
