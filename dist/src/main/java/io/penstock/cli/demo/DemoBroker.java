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
import java.util.concurrent.TimeUnit;

/** The demo's broker: {@code penstock start} in a child process, on one port and directory through every restart. */
final class DemoBroker implements AutoCloseable {
    private static final long START_LIMIT_SECONDS = 30;

    private final Path directory;
    private Process process;
    private String url;

    DemoBroker(Path directory) {
        this.directory = directory;
    }

    /** Starts the broker and waits until it serves; returns the milliseconds that took. */
    long start() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        int port = url == null ? 0 : Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
        Path config = directory.resolve("penstock.properties");
        Files.writeString(
                config, "listeners=PLAINTEXT://127.0.0.1:" + port + "\nlog.dirs=" + directory.resolve("data") + "\n");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xms128m", "-Xmx256m", "-XX:+UseParallelGC", "-XX:MaxDirectMemorySize=256m"));
        // Whatever the JVM itself has to say must not come before the READY line.
        command.addAll(List.of("-Xlog:disable", "-Xlog:all=warning:stderr", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"));
        Path archive = Path.of(System.getProperty("penstock.dist", "."), "lib", "penstock.jsa");
        if (Files.exists(archive)) {
            command.add("-XX:SharedArchiveFile=" + archive);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.penstock.cli.Penstock"));
        command.addAll(List.of("start", "--config", config.toString()));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("broker.log").toFile()))
                .start();
        CompletableFuture<String> ready = new CompletableFuture<>();
        Thread reader = new Thread(() -> awaitReady(process, ready), "demo-broker-stdout");
        reader.setDaemon(true);
        reader.start();
        try {
            url = ready.get(START_LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            process.destroyForcibly();
            throw new IOException("the broker did not start; its log is " + directory.resolve("broker.log"), e);
        }
        return (System.nanoTime() - begin) / 1_000_000;
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

    String url() {
        return url;
    }

    String bootstrap() {
        return url.substring("penstock://".length());
    }

    /** SIGKILL: no chance to tidy up. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        if (process != null) {
            process.destroy();
            if (!process.waitFor(15, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
