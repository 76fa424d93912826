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

/** Collects runs and prints medians, and Penstock's ratio to each peer of the same run. */
final class Report {
    private record Row(Durability durability, Scenario scenario) {}

    private final Map<Row, EnumMap<Target, List<Measurement>>> rows = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();

    void add(Durability durability, Scenario scenario, Target target, Measurement measurement) {
        rows.computeIfAbsent(new Row(durability, scenario), row -> new EnumMap<>(Target.class))
                .computeIfAbsent(target, t -> new ArrayList<>())
                .add(measurement);
    }

    void addFailure(Durability durability, Scenario scenario, Target target, String text) {
        failures.add(scenario.key() + ", " + durability.label + ", " + target.label() + ": " + text);
    }

    boolean complete() {
        return failures.isEmpty();
    }

    void print(PrintStream out) {
        out.printf(
                "%-42s %-10s %-9s %11s %10s %10s %10s %9s %9s%n",
                "scenario", "durability", "broker", "rate/s", "p50 us", "p99 us", "CPU s/M", "x rate", "x CPU");
        rows.forEach((row, byTarget) -> byTarget.forEach((target, runs) -> {
            List<Measurement> penstock = byTarget.get(Target.PENSTOCK);
            boolean compared = target != Target.PENSTOCK && penstock != null;
            out.printf(
                    "%-42s %-10s %-9s %,11.0f %10s %10s %10.1f %9s %9s%n",
                    row.scenario().label,
                    row.durability().label,
                    target.label(),
                    Medians.of(runs, Measurement::rate),
                    Medians.text(Medians.of(runs, Measurement::p50Micros)),
                    Medians.text(Medians.of(runs, Measurement::p99Micros)),
                    Medians.of(runs, Measurement::cpuSecondsPerMillion),
                    compared ? Medians.text(Medians.ratio(penstock, runs, Measurement::rate)) : "",
                    compared ? Medians.text(Medians.ratio(penstock, runs, Measurement::cpuSecondsPerMillion)) : "");
        }));
        out.println("x rate and x CPU: Penstock's median divided by that broker's; more is better, less is better.");
        failures.forEach(failure -> out.println("FAILED " + failure));
    }

    void writeJson(Path file) throws IOException {
        List<Map<String, Object>> entries = new ArrayList<>();
        rows.forEach((row, byTarget) -> byTarget.forEach((target, runs) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("scenario", row.scenario().key());
            entry.put("durability", row.durability().label);
            entry.put("broker", target.label());
            entry.put("rate", Medians.of(runs, Measurement::rate));
            entry.put("cpuSecondsPerMillion", Medians.of(runs, Measurement::cpuSecondsPerMillion));
            double p50 = Medians.of(runs, Measurement::p50Micros);
            entry.put("p50Micros", Double.isNaN(p50) ? null : p50);
            entry.put("brokerAnonymousBytes", runs.get(runs.size() - 1).brokerAnonBytes());
            List<Measurement> penstock = byTarget.get(Target.PENSTOCK);
            if (penstock != null && target != Target.PENSTOCK) {
                entry.put("penstockRateRatio", Medians.ratio(penstock, runs, Measurement::rate));
                entry.put("penstockCpuRatio", Medians.ratio(penstock, runs, Measurement::cpuSecondsPerMillion));
            }
            entry.put("rates", runs.stream().map(Measurement::rate).toList());
            entries.add(entry);
        }));
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(file.toFile(), Map.of("rows", entries, "failures", failures));
    }
}
