package io.penstock.faults;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a run found, as docs/reliability.md shows it. Immutable. */
record FaultReport(List<Row> rows, List<String> loads) {

    /** Brokers start again on the processors that all others use. */
    private static final long JVM_START_MILLIS = 3_000;

    /** @param gapMillis the longest gap of each pulse */
    record Row(String fault, long gapMillisMax, Map<String, Long> gapMillis) {
        long longest() {
            return gapMillis.values().stream().mapToLong(each -> each).max().orElse(0);
        }

        String text() {
            String limit = gapMillisMax == Faults.NO_LIMIT ? "-" : Long.toString(gapMillisMax);
            return "| " + fault + " | " + limit + " | " + longest() + " | " + new TreeMap<>(gapMillis) + " |";
        }
    }

    static FaultReport of(List<Row> rows, List<Load> loads, HistoryChecker checker) {
        List<String> lines = loads.stream()
                .flatMap(load -> load.promises().stream())
                .map(promise -> "| " + promise.stream() + " | " + promise.subscription() + " | "
                        + checker.confirmed(promise.stream()) + " | " + checker.repeats(promise) + " |")
                .collect(Collectors.toList());
        return new FaultReport(List.copyOf(rows), lines);
    }

    /** Rows whose gap is longer than its limit, to which the start of a JVM is added, times {@code slack}. */
    List<String> tooLong(double slack) {
        return rows.stream()
                .filter(row -> row.gapMillisMax() != Faults.NO_LIMIT
                        && row.longest() > slack * (row.gapMillisMax() + JVM_START_MILLIS))
                .map(Row::text)
                .collect(Collectors.toList());
    }

    String text() {
        StringBuilder text = new StringBuilder("| fault | limit ms | longest gap ms | of each |\n|---|---|---|---|\n");
        rows.forEach(row -> text.append(row.text()).append('\n'));
        text.append(
                "\n| stream | subscription | confirmed | repeats, all flagged where that is promised |\n|---|---|---|---|\n");
        loads.forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }
}
