package io.penstock.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;

/** The broker that all tests use: a process of the distribution with default settings, ended with the test run. */
final class InteropBroker {
    private static InteropBroker shared;

    private final Path data;
    private final Map<String, String> settings;
    private Process process;
    private String address;

    private InteropBroker(Path data, Map<String, String> settings) {
        this.data = data;
        this.settings = settings;
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (process != null) {
                process.destroyForcibly();
            }
        }));
    }

    /** Where the shared broker listens; started at the first call. */
    static synchronized String address() {
        String other = System.getProperty("interop.bootstrap");
        if (other != null) {
            return other;
        }
        if (shared == null) {
            shared = startNew();
        }
        return shared.address;
    }

    /** A broker of one's own, to be killed. */
    static InteropBroker startNew() {
        return startNew(Map.of());
    }

    static InteropBroker startNew(Map<String, String> settings) {
        try {
            Path parent = Files.createDirectories(Path.of("target", "interop"));
            InteropBroker broker = new InteropBroker(
                    Files.createTempDirectory(parent, "broker").toAbsolutePath(), settings);
            broker.start(0);
            return broker;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds a user to the broker while it runs; it is one within a second. */
    void addUser(String name, String password) {
        Command.run(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        Command.property("interop.dist") + "/*",
                        "io.penstock.cli.Penstock",
                        "user",
                        "add",
                        "--config",
                        data.resolve("penstock.properties").toString(),
                        "--password",
                        password,
                        name)
                .ok();
    }

    String bootstrap() {
        return address;
    }

    private void start(int port) throws IOException {
        Path config = data.resolve("penstock.properties");
        StringBuilder text = new StringBuilder(
                "listeners=PLAINTEXT://127.0.0.1:" + port + "\nlog.dirs=" + data.resolve("logs") + "\n");
        settings.forEach(
                (key, value) -> text.append(key).append('=').append(value).append('\n'));
        Files.writeString(config, text);
        Path out = data.resolve("out.txt");
        Files.deleteIfExists(out);
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx320m",
                        "-XX:MaxDirectMemorySize=256m",
                        "-cp",
                        Command.property("interop.dist") + "/*",
                        "io.penstock.cli.Penstock",
                        "start",
                        "--config",
                        config.toString())
                .directory(data.toFile())
                .redirectOutput(out.toFile())
                .redirectError(
                        ProcessBuilder.Redirect.appendTo(data.resolve("err.txt").toFile()))
                .start();
        Command.until("the broker is ready; see " + data, () -> {
            if (!process.isAlive()) {
                throw new AssertionError("the broker ended with " + process.exitValue() + "; see " + data);
            }
            address = readyAddress(out);
            return address != null;
        });
    }

    /** From {@code READY penstock://HOST:PORT}. */
    private static String readyAddress(Path out) {
        try {
            return Files.readString(out)
                    .lines()
                    .filter(line -> line.startsWith("READY penstock://"))
                    .map(line ->
                            line.substring("READY penstock://".length()).trim().split("[/ ,]")[0])
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL, then a start on the same data and port. */
    void killAndRestart() throws IOException, InterruptedException {
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        process.destroyForcibly().waitFor();
        start(port);
    }

    void stop() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }

    /** A name that no other test has. */
    static String fresh(String name) {
        return name + "-" + UUID.randomUUID().toString().substring(0, 8);
    }
}
