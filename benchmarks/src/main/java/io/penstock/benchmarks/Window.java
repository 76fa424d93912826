package io.penstock.benchmarks;

import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * The measured part of a load's run: warm-up before it is not counted. Prints BEGIN and END on standard output, where
 * the parent reads the broker's CPU time.
 */
final class Window {
    private final LongAdder messages = new LongAdder();
    private final Histogram latencies = new ConcurrentHistogram(300_000_000_000L, 3);
    private volatile boolean open;
    private long beginNanos;
    private long beginCpuNanos;

    void begin() {
        System.out.println("BEGIN");
        System.out.flush();
        beginCpuNanos = cpuNanos();
        beginNanos = System.nanoTime();
        open = true;
    }

    void message() {
        if (open) {
            messages.increment();
        }
    }

    void messages(long count) {
        if (open) {
            messages.add(count);
        }
    }

    void latency(long nanos) {
        if (open) {
            latencies.recordValue(nanos);
        }
    }

    void end() {
        open = false;
        long nanos = System.nanoTime() - beginNanos;
        long cpu = cpuNanos() - beginCpuNanos;
        boolean timed = latencies.getTotalCount() > 0;
        System.out.println(Measurement.line(
                messages.sum(),
                nanos,
                cpu,
                timed ? latencies.getValueAtPercentile(50) / 1e3 : Double.NaN,
                timed ? latencies.getValueAtPercentile(99) / 1e3 : Double.NaN,
                timed ? latencies.getMaxValue() / 1e6 : Double.NaN));
        System.out.flush();
    }

    /** Warms up, measures, ends: for loads that run by the clock. */
    void run(LoadOptions options) throws InterruptedException {
        Thread.sleep(options.warmUpMillis());
        begin();
        Thread.sleep(options.measureMillis());
        end();
    }

    private static long cpuNanos() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(java.time.Duration.ZERO)
                .toNanos();
    }
}
