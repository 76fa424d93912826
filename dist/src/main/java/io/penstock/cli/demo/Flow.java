package io.penstock.cli.demo;

import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** One line of the live view: a count, and latencies where there are any. Any thread may record. */
final class Flow {
    final String name;
    private final LongAdder count = new LongAdder();
    private final Recorder latencies = new Recorder(3);
    private final Histogram whole = new Histogram(3);
    private Histogram interval;
    private long countBefore;

    Flow(String name) {
        this.name = name;
    }

    void message() {
        count.increment();
    }

    void message(long latencyNanos) {
        count.increment();
        latencies.recordValue(Math.max(0, latencyNanos));
    }

    long count() {
        return count.sum();
    }

    /** Figures since the last call, as the view shows them; called by the view's thread alone. */
    String line(double seconds) {
        long now = count.sum();
        double rate = (now - countBefore) / seconds;
        countBefore = now;
        interval = latencies.getIntervalHistogram(interval);
        whole.add(interval);
        return interval.getTotalCount() == 0
                ? String.format("%-42s %,10.0f/s %,12d", name, rate, now)
                : String.format("%-42s %,10.0f/s %,12d   %s", name, rate, now, percentiles(interval));
    }

    /** Figures of the whole run. */
    String total(double seconds) {
        whole.add(latencies.getIntervalHistogram());
        String line = String.format("%-42s %,10.0f/s %,12d", name, count.sum() / seconds, count.sum());
        return whole.getTotalCount() == 0 ? line : line + "   " + percentiles(whole);
    }

    private static String percentiles(Histogram histogram) {
        return String.format(
                "%8.2f ms %8.2f ms",
                histogram.getValueAtPercentile(50) / 1e6, histogram.getValueAtPercentile(99) / 1e6);
    }
}
