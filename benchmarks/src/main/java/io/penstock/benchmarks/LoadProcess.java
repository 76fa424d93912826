package io.penstock.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One run of a load in a process of its own, measured together with the brokers that it uses. */
final class LoadProcess {
    private static final long LIMIT_SECONDS = 600;

    /** The brokers' side. */
    interface Brokers {
        /** CPU time of all their processes so far. */
        double cpuSeconds();

        /** Anonymous resident memory, -1 where it is not known. */
        long anonymousResidentBytes();

        /** The measured time has begun; on a thread of its own. */
        default void begun() {}
    }

    private LoadProcess() {}

    /** @param client whose class path the load has */
    static Measurement run(Workplace place, Target client, String load, LoadOptions options, Brokers brokers)
            throws Exception {
        List<String> command = new ArrayList<>(place.java("-Xms512m", "-Xmx1g", "-XX:+UseParallelGC"));
        command.addAll(List.of("-cp", place.loadClassPath(client), Load.class.getName()));
        command.addAll(List.of(options.arguments(load)));
        Path errors = place.directory("load").resolve("load.err");
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        Thread watchdog = watchdog(process);
        double cpuAtBegin = 0;
        Measurement measurement = null;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals("BEGIN")) {
                    cpuAtBegin = brokers.cpuSeconds();
                    new Thread(brokers::begun, "begun").start();
                } else if (line.startsWith("END ")) {
                    measurement = Measurement.parse(
                            line, brokers.cpuSeconds() - cpuAtBegin, brokers.anonymousResidentBytes());
                }
            }
        } finally {
            watchdog.interrupt();
        }
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        if (measurement == null || measurement.messages() == 0) {
            throw new IOException(
                    "failed: " + Files.readString(errors).lines().limit(3).toList());
        }
        return measurement;
    }

    /** A load that hangs must not hang the comparison. */
    private static Thread watchdog(Process process) {
        Thread thread = new Thread(
                () -> {
                    try {
                        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                            process.destroyForcibly();
                        }
                    } catch (InterruptedException over) {
                        Thread.currentThread().interrupt();
                    }
                },
                "load-limit");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
