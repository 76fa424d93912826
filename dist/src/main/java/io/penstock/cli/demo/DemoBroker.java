package io.penstock.cli.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A demo's broker: {@code penstock start} in a child process, on one port and directory through every restart. Ended by
 * its {@link DemoPlace}.
 */
final class DemoBroker {
    private static final long START_LIMIT_SECONDS = 60;
    private static final List<String> JVM_OPTIONS =
            List.of("-Xms128m", "-Xmx256m", "-XX:+UseParallelGC", "-XX:MaxDirectMemorySize=256m");

    private final DemoPlace place;
    private final Path directory;
    private final List<String> settings;
    private Process process;
    private CompletableFuture<String> ready;
    private String url;

    /** @param settings lines of its configuration besides listener and directory */
    DemoBroker(DemoPlace place, Path directory, List<String> settings) throws IOException {
        this.place = place;
        this.directory = Files.createDirectories(directory);
        this.settings = settings;
    }

    /** Starts the broker and waits until it serves; returns the milliseconds that took. */
    long start() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        begin();
        awaitServing();
        return (System.nanoTime() - begin) / 1_000_000;
    }

    /** Starts its process, so that several can start at the same time; {@link #awaitServing} belongs to it. */
    void begin() throws IOException {
        int port = url == null ? 0 : Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
        List<String> lines = new ArrayList<>(settings);
        lines.add("listeners=PLAINTEXT://127.0.0.1:" + port);
        lines.add("log.dirs=" + directory.resolve("data"));
        Path config = Files.write(directory.resolve("penstock.properties"), lines);
        process = place.run(JVM_OPTIONS, log(), "start", "--config", config.toString());
        CompletableFuture<String> told = new CompletableFuture<>();
        Process started = process;
        Thread reader = new Thread(() -> awaitReady(started, told), "demo-broker-stdout");
        reader.setDaemon(true);
        reader.start();
        ready = told;
    }

    boolean isDecided() {
        return ready.isDone();
    }

    void awaitServing() throws IOException, InterruptedException {
        try {
            url = ready.get(START_LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            place.keep();
            throw new IOException("a broker did not start; its log is " + log(), e);
        }
    }

    private static void awaitReady(Process process, CompletableFuture<String> ready) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            if (line != null && line.startsWith("READY ")) {
                ready.complete(line.substring("READY ".length()));
            } else {
                ready.completeExceptionally(new IOException("it printed " + line));
            }
        } catch (IOException e) {
            ready.completeExceptionally(e);
        }
    }

    private Path log() {
        return directory.resolve("broker.log");
    }

    String url() {
        return url;
    }

    /** Host and port, as Kafka's clients want them. */
    String address() {
        return url.substring("penstock://".length());
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL: no chance to tidy up. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
