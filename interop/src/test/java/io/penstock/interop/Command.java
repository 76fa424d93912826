package io.penstock.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A client's process: its output goes to files, its end is waited for with a limit. */
final class Command implements AutoCloseable {
    private static final int SECONDS_MAX = 120;

    private final List<String> command;
    private final Path out;
    private final Path err;
    private final Process process;

    /** What a process that ended by itself left. */
    record Ended(int exitCode, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }

        /** Demands exit code 0. */
        Ended ok() {
            if (exitCode != 0) {
                throw new AssertionError("exit code " + exitCode + "\n" + out + "\n" + err);
            }
            return this;
        }
    }

    private Command(List<String> command, String input) throws IOException {
        this.command = command;
        Path directory = Files.createDirectories(Path.of("target", "interop"));
        out = Files.createTempFile(directory, "out", ".txt");
        err = Files.createTempFile(directory, "err", ".txt");
        Path in = Files.createTempFile(directory, "in", ".txt");
        Files.writeString(in, input == null ? "" : input);
        process = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
    }

    /** Starts and goes on. */
    static Command start(String... command) {
        return start(null, List.of(command));
    }

    static Command start(String input, List<String> command) {
        try {
            return new Command(command, input);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command.get(0) + "; .ci/interop.sh installs it", e);
        }
    }

    /** Starts and waits for the end. */
    static Ended run(String... command) {
        return start(command).await();
    }

    static Ended runWithInput(String input, String... command) {
        return start(input, List.of(command)).await();
    }

    /** One of Kafka's tools. */
    static List<String> tool(String mainClass, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                property("interop.tools") + "/*",
                mainClass));
        command.addAll(List.of(arguments));
        return command;
    }

    static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new AssertionError(name + " is not set: run this by .ci/interop.sh");
        }
        return value;
    }

    Ended await() {
        try {
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("did not end within " + SECONDS_MAX + " s: " + command + "\n" + out() + "\n"
                        + Files.readString(err));
            }
            return new Ended(process.exitValue(), out(), Files.readString(err, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What was printed so far. */
    String out() {
        try {
            return Files.readString(out, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> lines() {
        return out().lines().toList();
    }

    /** SIGKILL: connections break without a farewell. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM: a client may say good-bye. */
    Ended stop() {
        process.destroy();
        return await();
    }

    static void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + SECONDS_MAX + " s: " + what);
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
