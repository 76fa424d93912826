package io.penstock.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** docs/operations.md against the code: every znode, the log lines that it quotes, the configuration keys that it names. */
@Timeout(30)
class OperationsPageTest {
    private static final Path PAGE = Path.of("../docs/operations.md");
    private static final Path ZNODES = Path.of("../broker/src/main/java/io/penstock/broker/zookeeper/ZNodes.java");
    private static final Path CONFIGURATION = Path.of("../docs/configuration.md");
    private static final List<Path> SOURCES = List.of(Path.of("../broker/src/main"), Path.of("../storage/src/main"));

    @Test
    void everyZNodeIsExplained() throws IOException {
        Set<String> explained = matches("`(/[a-z_]+[^`]*)`", Files.readString(PAGE)).stream()
                .filter(path -> !path.equals("/penstock"))
                .collect(java.util.stream.Collectors.toCollection(TreeSet::new));
        // The paths that the code has as constants, and those that it makes of them.
        Set<String> known = new TreeSet<>(matches("\"(/[a-z_/]+)\"", Files.readString(ZNODES)));
        known.removeAll(Set.of("/state", "/partitions", "/partitions/", "/id-", "/"));
        Set<String> missing = new TreeSet<>();
        for (String path : known) {
            if (explained.stream().noneMatch(each -> each.equals(path) || each.startsWith(path + "/"))) {
                missing.add(path);
            }
        }
        assertEquals(Set.of(), missing);
        Set<String> invented = new TreeSet<>();
        for (String path : explained) {
            if (known.stream().noneMatch(each -> path.equals(each) || path.startsWith(each + "/"))) {
                invented.add(path);
            }
        }
        assertEquals(Set.of(), invented);
    }

    @Test
    void everyLogLineThatIsQuotedIsWritten() throws IOException {
        // Long texts are written in pieces that the compiler joins.
        String code = code().replaceAll("\"\\s*\\+\\s*\"", "");
        List<String> quoted = matches("`([^`/$.]*\\{}[^`]*|a coordinator's state[^`]*)`", Files.readString(PAGE));
        assertTrue(quoted.size() >= 8, () -> "found only " + quoted);
        Set<String> unknown = new TreeSet<>(quoted);
        unknown.removeIf(code::contains);
        assertEquals(Set.of(), unknown);
    }

    @Test
    void everyKeyThatIsNamedExists() throws IOException {
        String keys = Files.readString(CONFIGURATION);
        Set<String> named = new TreeSet<>(matches("`([a-z]+(?:\\.[a-z]+)+)(?:=[^`]*)?`", Files.readString(PAGE)));
        // Files, and a key of Kafka's clients.
        named.removeAll(Set.of("meta.properties", "penstock.properties", "zoo.cfg", "request.timeout.ms"));
        assertTrue(named.size() >= 8, () -> "found only " + named);
        named.removeIf(key -> keys.contains("`" + key + "`"));
        assertEquals(Set.of(), named);
    }

    private static List<String> matches(String pattern, String text) {
        List<String> found = new ArrayList<>();
        for (Matcher matcher = Pattern.compile(pattern).matcher(text); matcher.find(); ) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static String code() throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path source : SOURCES) {
            try (Stream<Path> files = Files.walk(source)) {
                for (Path file :
                        files.filter(each -> each.toString().endsWith(".java")).toList()) {
                    all.append(Files.readString(file));
                }
            }
        }
        return all.toString();
    }
}
