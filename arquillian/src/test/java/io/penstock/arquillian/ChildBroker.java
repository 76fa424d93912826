package io.penstock.arquillian;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The broker of a run: a process of the distribution over one directory and port through all restarts. Used by the
 * test's thread; ends with the test's process.
 */
final class ChildBroker {
    private static final String READY = "READY ";

    private final Path directory;
    private Process process;
    private String url;

    ChildBroker() throws IOException {
        directory = Files.createTempDirectory(
                Files.createDirectories(Path.of("target", "brokers").toAbsolutePath()),
                ApplicationServer.property("arquillian.launch"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (process != null) {
                process.destroyForcibly();
            }
        }));
    }

    /** Starts and waits until it serves. */
    void start() throws IOException {
        String port = url == null ? "0" : url.substring(url.lastIndexOf(':') + 1);
        Path config = directory.resolve("penstock.properties");
        Files.writeString(
                config, "listeners=PLAINTEXT://127.0.0.1:" + port + "\nlog.dirs=" + directory.resolve("data") + "\n");
        Path out = directory.resolve("out.txt");
        Files.deleteIfExists(out);
        process = command("start", "--config", config.toString())
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("err.txt").toFile()))
                .start();
        Await.until("the broker is ready; see " + directory, () -> {
            if (!process.isAlive()) {
                throw new AssertionError("the broker ended with " + process.exitValue() + "; see " + directory);
            }
            return Files.readString(out).startsWith(READY)
                    && Files.readString(out).contains("\n");
        });
        url = Files.readString(out).lines().findFirst().orElseThrow().substring(READY.length());
    }

    String url() {
        return url;
    }

    /** Runs one of the command line's commands against this broker; returns what it prints. */
    String run(String... arguments) throws IOException, InterruptedException {
        Path out = Files.createTempFile(directory, "run", ".txt");
        ProcessBuilder builder = command(arguments).redirectErrorStream(true).redirectOutput(out.toFile());
        builder.command().addAll(List.of("--broker", url));
        Process command = builder.start();
        if (!command.waitFor(60, TimeUnit.SECONDS) || command.exitValue() != 0) {
            command.destroyForcibly();
            throw new AssertionError(String.join(" ", arguments) + ":\n" + Files.readString(out));
        }
        return Files.readString(out);
    }

    private static ProcessBuilder command(String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:MaxDirectMemorySize=256m",
                "-cp",
                ApplicationServer.property("dist") + "/*",
                "io.penstock.cli.Penstock");
        builder.command().addAll(List.of(arguments));
        return builder;
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM, and waits for the end. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("the broker does not stop");
        }
    }
}
