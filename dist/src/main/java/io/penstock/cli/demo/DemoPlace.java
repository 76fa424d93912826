package io.penstock.cli.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Where a demo keeps data and logs, and its child processes. Closed by the demo; when a signal ends the demo, the same is
 * done by the JVM's end: no child outlives it, and the directory goes unless it is to be kept. Any thread.
 */
final class DemoPlace implements AutoCloseable {
    private static final long STOP_LIMIT_SECONDS = 15;

    private final Path directory;
    private final List<Process> children = new ArrayList<>();
    private final Thread atEnd = new Thread(this::tidyUp, "demo-end");
    private boolean kept;
    private boolean ended;

    DemoPlace(boolean kept) throws IOException {
        this.directory = Files.createTempDirectory("penstock-demo");
        this.kept = kept;
        Runtime.getRuntime().addShutdownHook(atEnd);
    }

    Path directory() {
        return directory;
    }

    synchronized void keep() {
        kept = true;
    }

    /** After a demo that went wrong the logs stay; says where. */
    synchronized void tell(boolean passed, PrintStream out) {
        kept |= !passed;
        if (kept) {
            out.println("Data and logs are in " + directory);
        }
    }

    /**
     * Runs a command of this distribution in a child process.
     *
     * @param log takes what it says on standard error, after what is there
     */
    synchronized Process run(List<String> jvmOptions, Path log, String... arguments) throws IOException {
        if (ended) {
            throw new IOException("the demo ends");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        // Whatever the JVM itself has to say must not come before the READY line.
        command.addAll(List.of("-Xlog:disable", "-Xlog:all=warning:stderr", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"));
        Path archive = Path.of(System.getProperty("penstock.dist", "."), "lib", "penstock.jsa");
        if (Files.exists(archive)) {
            command.add("-XX:SharedArchiveFile=" + archive);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.penstock.cli.Penstock"));
        command.addAll(List.of(arguments));
        children.removeIf(child -> !child.isAlive());
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        children.add(process);
        return process;
    }

    /** Ends the children and deletes the directory. */
    @Override
    public void close() {
        for (Process child : running()) {
            child.destroy();
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_LIMIT_SECONDS);
        try {
            for (Process child : running()) {
                child.waitFor(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        tidyUp();
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (IllegalStateException theJvmEnds) {
            // The hook runs already, or finds nothing left to do.
            return;
        }
    }

    private synchronized List<Process> running() {
        return children.stream().filter(Process::isAlive).toList();
    }

    private synchronized void tidyUp() {
        if (ended) {
            return;
        }
        ended = true;
        for (Process child : children) {
            child.destroyForcibly();
        }
        for (Process child : children) {
            child.onExit().join();
        }
        if (!kept) {
            delete(directory);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException gone) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
