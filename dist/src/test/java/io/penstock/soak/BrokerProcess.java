package io.penstock.soak;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code penstock start} in a child process with the launcher's JVM options, over one directory and port through all
 * restarts, and what {@code /proc} says about it. Used by the test's thread; closed by the test.
 */
final class BrokerProcess implements AutoCloseable {
    private static final long START_SECONDS = 60;
    /** The kernel's clock tick of {@code /proc/PID/stat}: 100 a second on every Linux that Java 17 runs on. */
    private static final long TICK_NANOS = 10_000_000;

    private final Path directory;
    private final List<String> settings;
    private Process process;
    private String url;
    private long startedNanos;

    BrokerProcess(Path directory, String... settings) {
        this.directory = directory;
        this.settings = List.of(settings);
    }

    /** Starts and waits until it serves. */
    void start() throws Exception {
        int port = url == null ? 0 : Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
        List<String> lines = new ArrayList<>(settings);
        lines.add("listeners=PLAINTEXT://127.0.0.1:" + port);
        lines.add("log.dirs=" + directory.resolve("data"));
        Path config = directory.resolve("penstock.properties");
        Files.write(config, lines);
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xms128m", "-Xmx256m", "-XX:+UseParallelGC", "-XX:MaxDirectMemorySize=256m"));
        command.addAll(List.of(System.getProperty("penstock.soak.options", "-Dpenstock.soak=true")
                .split(" ")));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.penstock.cli.Penstock"));
        command.addAll(List.of("start", "--config", config.toString()));
        startedNanos = System.nanoTime();
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("broker.err").toFile()));
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        process = builder.start();
        CompletableFuture<String> ready = new CompletableFuture<>();
        Process started = process;
        Thread reader = new Thread(() -> awaitReady(started, ready), "broker-stdout");
        reader.setDaemon(true);
        reader.start();
        url = ready.get(START_SECONDS, TimeUnit.SECONDS);
    }

    private void awaitReady(Process started, CompletableFuture<String> ready) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            if (line != null && line.startsWith("READY ")) {
                ready.complete(line.substring("READY ".length()));
                lines.lines().forEach(System.out::println);
            } else {
                ready.completeExceptionally(new IOException(
                        "it printed " + line + "; " + Files.readString(directory.resolve("broker.err"))));
            }
        } catch (IOException e) {
            ready.completeExceptionally(e);
        }
    }

    String url() {
        return url;
    }

    /** Since the process was begun, its JVM's start included. */
    double secondsSinceStart() {
        return (System.nanoTime() - startedNanos) / 1e9;
    }

    /** SIGTERM, and waits for the end. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("the broker does not stop");
        }
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    long anonymousMegabytes() throws IOException {
        try (Stream<String> lines = Files.lines(proc("status"))) {
            return lines.filter(line -> line.startsWith("RssAnon:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElseThrow();
        }
    }

    long openFiles() throws IOException {
        try (Stream<Path> files = Files.list(proc("fd"))) {
            return files.count();
        }
    }

    /** Processor time of all threads until now. */
    long cpuNanos() throws IOException {
        String stat = Files.readString(proc("stat"));
        // The command's name, in parentheses, may hold anything; fields 14 and 15 are counted behind it.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_NANOS;
    }

    /** SIGQUIT: what every thread does, into the broker's standard output, which goes on to this one's. */
    void dumpThreads() throws Exception {
        new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        TimeUnit.SECONDS.sleep(1);
    }

    Path directory() {
        return directory;
    }

    private Path proc(String file) {
        return Path.of("/proc", Long.toString(process.pid()), file);
    }

    String figures() throws IOException {
        return anonymousMegabytes() + " MB anonymous, " + openFiles() + " open files";
    }

    @Override
    public void close() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }
}
