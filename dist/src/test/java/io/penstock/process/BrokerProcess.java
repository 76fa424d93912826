package io.penstock.process;

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
public final class BrokerProcess implements AutoCloseable {
    private static final long START_SECONDS = 60;
    /** The kernel's clock tick of {@code /proc/PID/stat}: 100 a second on every Linux that Java 17 runs on. */
    private static final long TICK_NANOS = 10_000_000;

    private final Path directory;
    private final List<String> jvmOptions;
    private final List<String> settings;
    private JvmProcess process;
    private CompletableFuture<String> ready;
    private String url;
    private long startedNanos;

    public BrokerProcess(Path directory, String... settings) {
        this(directory, List.of(), List.of(settings));
    }

    /** @param settings lines of its configuration, {@code listeners} among them if it is not to be a free port of loopback */
    public BrokerProcess(Path directory, List<String> jvmOptions, List<String> settings) {
        this.directory = directory;
        this.jvmOptions = jvmOptions;
        this.settings = settings;
    }

    /** Starts and waits until it serves. */
    public void start() throws Exception {
        begin();
        awaitReady();
    }

    /** Starts; {@link #awaitReady} waits until it serves. */
    public void begin() throws IOException {
        int port = url == null ? 0 : Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
        List<String> lines = new ArrayList<>();
        lines.add("listeners=PLAINTEXT://127.0.0.1:" + port);
        lines.add("log.dirs=" + directory.resolve("data"));
        lines.addAll(settings);
        Path config = Files.createDirectories(directory).resolve("penstock.properties");
        Files.write(config, lines);
        List<String> options =
                new ArrayList<>(List.of("-Xms128m", "-Xmx256m", "-XX:+UseParallelGC", "-XX:MaxDirectMemorySize=256m"));
        options.addAll(List.of(System.getProperty("penstock.soak.options", "-Dpenstock.soak=true")
                .split(" ")));
        options.addAll(jvmOptions);
        startedNanos = System.nanoTime();
        JvmProcess started = JvmProcess.start(
                options,
                List.of("io.penstock.cli.Penstock", "start", "--config", config.toString()),
                directory.resolve("broker.err"));
        process = started;
        CompletableFuture<String> answer = new CompletableFuture<>();
        ready = answer;
        Thread reader = new Thread(() -> awaitReady(started, answer), "broker-stdout");
        reader.setDaemon(true);
        reader.start();
    }

    public void awaitReady() throws Exception {
        url = ready.get(START_SECONDS, TimeUnit.SECONDS);
    }

    private void awaitReady(JvmProcess started, CompletableFuture<String> ready) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(started.output(), StandardCharsets.UTF_8))) {
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

    public String url() {
        return url;
    }

    /** Since the process was begun, its JVM's start included. */
    public double secondsSinceStart() {
        return (System.nanoTime() - startedNanos) / 1e9;
    }

    /** SIGTERM, and waits for the end. */
    public void stop() throws InterruptedException {
        process.stop();
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.kill();
    }

    /** SIGSTOP: it is there, and does nothing. */
    public void pause() throws IOException, InterruptedException {
        process.signal("STOP");
    }

    /** SIGCONT. */
    public void resume() throws IOException, InterruptedException {
        process.signal("CONT");
    }

    public boolean alive() {
        return process != null && process.alive();
    }

    public long anonymousMegabytes() throws IOException {
        try (Stream<String> lines = Files.lines(proc("status"))) {
            return lines.filter(line -> line.startsWith("RssAnon:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElseThrow();
        }
    }

    public long openFiles() throws IOException {
        try (Stream<Path> files = Files.list(proc("fd"))) {
            return files.count();
        }
    }

    /** Processor time of all threads until now. */
    public long cpuNanos() throws IOException {
        String stat = Files.readString(proc("stat"));
        // The command's name, in parentheses, may hold anything; fields 14 and 15 are counted behind it.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_NANOS;
    }

    /** SIGQUIT: what every thread does, into the broker's standard output, which goes on to this one's. */
    public void dumpThreads() throws Exception {
        process.signal("QUIT");
        TimeUnit.SECONDS.sleep(1);
    }

    public Path directory() {
        return directory;
    }

    private Path proc(String file) {
        return Path.of("/proc", Long.toString(process.pid()), file);
    }

    public String figures() throws IOException {
        return anonymousMegabytes() + " MB anonymous, " + openFiles() + " open files";
    }

    @Override
    public void close() throws InterruptedException {
        if (process != null) {
            process.kill();
        }
    }
}
