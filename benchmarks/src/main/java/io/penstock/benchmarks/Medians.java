package io.penstock.benchmarks;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** Medians of runs, their ratios, and how they are written. */
final class Medians {
    private Medians() {}

    static double of(List<Measurement> runs, ToDoubleFunction<Measurement> figure) {
        double[] sorted = runs.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    static double ratio(List<Measurement> ours, List<Measurement> peer, ToDoubleFunction<Measurement> figure) {
        return of(ours, figure) / of(peer, figure);
    }

    static String text(double value) {
        return Double.isNaN(value) ? "-" : String.format("%.2f", value);
    }
}
