package io.penstock.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A broker's process: started, awaited, measured and ended by whoever made it. */
final class BrokerProcess implements AutoCloseable, LoadProcess.Brokers {
    private static final long START_LIMIT_SECONDS = 60;

    final Target target;
    final String url;
    private final Process process;

    private BrokerProcess(Target target, Process process, String url) {
        this.target = target;
        this.process = process;
        this.url = url;
    }

    /** Starts a broker that tells on standard output when, and where, it is ready. */
    static BrokerProcess start(Target target, List<String> command, Path data, Function<String, String> readyUrl)
            throws Exception {
        Process process = builder(command, data)
                .redirectOutput(ProcessBuilder.Redirect.PIPE)
                .start();
        CompletableFuture<String> url = new CompletableFuture<>();
        Thread reader = new Thread(() -> readUntilReady(process, readyUrl, url), target.label() + "-stdout");
        reader.setDaemon(true);
        reader.start();
        try {
            return new BrokerProcess(target, process, url.get(START_LIMIT_SECONDS, TimeUnit.SECONDS));
        } catch (Exception e) {
            process.destroyForcibly();
            throw new IOException(target.label() + " did not start; see " + data.resolve("broker.err"), e);
        }
    }

    private static void readUntilReady(
            Process process, Function<String, String> readyUrl, CompletableFuture<String> url) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String ready = readyUrl.apply(line);
                if (ready != null) {
                    url.complete(ready);
                }
            }
            url.completeExceptionally(new IOException("its output ended"));
        } catch (IOException e) {
            url.completeExceptionally(e);
        }
    }

    static BrokerProcess startAndAwaitPort(Target target, List<String> command, Path data, int port, String url)
            throws Exception {
        Process process = builder(command, data)
                .redirectOutput(data.resolve("broker.out").toFile())
                .start();
        for (int attempt = 0; attempt < START_LIMIT_SECONDS * 10; attempt++) {
            if (!process.isAlive()) {
                break;
            }
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), 100);
                return new BrokerProcess(target, process, url);
            } catch (IOException notYet) {
                Thread.sleep(100);
            }
        }
        process.destroyForcibly();
        throw new IOException(target.label() + " did not start; see " + data);
    }

    private static ProcessBuilder builder(List<String> command, Path data) throws IOException {
        Files.createDirectories(data);
        return new ProcessBuilder(command)
                .directory(data.toFile())
                .redirectError(data.resolve("broker.err").toFile());
    }

    static void run(List<String> command, Path output) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(START_LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(command.get(command.size() - 1) + " failed; see " + output);
        }
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL, and waits for the end. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGSTOP: the process does nothing, and its sockets stand. */
    void pause() throws Exception {
        signal("STOP");
    }

    /** SIGCONT. */
    void resume() throws Exception {
        signal("CONT");
    }

    private void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new IOException("process " + process.pid() + " did not take SIG" + name);
        }
    }

    @Override
    public double cpuSeconds() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }

    @Override
    public long anonymousResidentBytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
                if (line.startsWith("RssAnon:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException notLinux) {
            return -1;
        }
        return -1;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
