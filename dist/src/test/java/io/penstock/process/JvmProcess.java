package io.penstock.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A child process that runs a program of this class path, or of {@code penstock.process.classpath}; ended with this process at the latest. */
public final class JvmProcess {
    private static final long STOP_SECONDS = 60;

    private final Process process;

    private JvmProcess(Process process) {
        this.process = process;
    }

    /** @param errors where standard error goes, behind what is there */
    public static JvmProcess start(List<String> options, List<String> program, Path errors) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("-cp");
        command.add(System.getProperty("penstock.process.classpath", System.getProperty("java.class.path")));
        command.addAll(program);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new JvmProcess(process);
    }

    public InputStream output() {
        return process.getInputStream();
    }

    /** What is written into it is the process's standard input. */
    public OutputStream input() {
        return process.getOutputStream();
    }

    /** Waits until it has ended by itself. */
    public int exit(long seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            throw new AssertionError("process " + pid() + " has not ended within " + seconds + " s");
        }
        return process.exitValue();
    }

    boolean alive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL, and waits for the end. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM, and waits for the end. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("process " + pid() + " does not stop");
        }
    }

    /** @param name as {@code kill} knows it, such as STOP */
    void signal(String name) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("no SIG" + name + " for process " + pid());
        }
    }
}
