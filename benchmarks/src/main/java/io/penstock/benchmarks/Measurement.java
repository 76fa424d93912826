package io.penstock.benchmarks;

import java.util.HashMap;
import java.util.Map;

/**
 * One run of a scenario.
 *
 * @param messages delivered (or sent, where nothing is delivered) in the measured time
 * @param seconds of the measured time
 * @param cpuSeconds of client and broker together in the measured time
 * @param p50Micros median latency of a blocking operation, NaN where none was measured
 * @param maxMillis the longest of these operations, NaN likewise
 * @param brokerAnonBytes anonymous resident memory of the broker at the end
 */
record Measurement(
        long messages,
        double seconds,
        double cpuSeconds,
        double p50Micros,
        double p99Micros,
        double maxMillis,
        long brokerAnonBytes) {

    double rate() {
        return messages / seconds;
    }

    double cpuSecondsPerMillion() {
        return cpuSeconds * 1e6 / messages;
    }

    /** The line that a load prints at its end. */
    static String line(
            long messages, long nanos, long loadCpuNanos, double p50Micros, double p99Micros, double maxMillis) {
        return "END messages=" + messages + " nanos=" + nanos + " cpu=" + loadCpuNanos + " p50=" + p50Micros + " p99="
                + p99Micros + " max=" + maxMillis;
    }

    static Measurement parse(String line, double brokerCpuSeconds, long brokerAnonBytes) {
        Map<String, String> fields = new HashMap<>();
        for (String word : line.split(" ")) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                fields.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return new Measurement(
                Long.parseLong(fields.get("messages")),
                Long.parseLong(fields.get("nanos")) / 1e9,
                Long.parseLong(fields.get("cpu")) / 1e9 + brokerCpuSeconds,
                Double.parseDouble(fields.get("p50")),
                Double.parseDouble(fields.get("p99")),
                Double.parseDouble(fields.get("max")),
                brokerAnonBytes);
    }
}
