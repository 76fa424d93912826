package io.penstock.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code penstock start} as scripts see it. */
@Timeout(60)
class StartIT {
    private static final Pattern READY = Pattern.compile("READY penstock://(127\\.0\\.0\\.1):(\\d+)");

    @Test
    void printsOneReadyLineServesAndStopsCleanlyOnTerm(@TempDir Path directory) throws Exception {
        Path config = directory.resolve("penstock.properties");
        Files.writeString(config, "listeners=PLAINTEXT://127.0.0.1:0\nlog.dirs=" + directory.resolve("data") + "\n");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Penstock.class.getName(),
                        "start",
                        "--config",
                        config.toString()))
                .redirectError(directory.resolve("err").toFile())
                .start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            Matcher ready = READY.matcher(line == null ? "" : line);
            assertTrue(ready.matches(), line + Files.readString(directory.resolve("err")));
            new Socket(ready.group(1), Integer.parseInt(ready.group(2))).close();

            // Process.destroy would close the stream that is read below.
            process.toHandle().destroy();
            assertNull(lines.readLine());
            assertTrue(process.waitFor(20, TimeUnit.SECONDS));
            assertEquals(143, process.exitValue());
            assertTrue(Files.size(directory.resolve("data/penstock.log")) > 0);
        } finally {
            process.destroyForcibly();
        }
    }
}
