package io.penstock.broker.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The broker's keys against the code that reads them and against the page that documents them. */
@Timeout(20)
class BrokerKeysTest {
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Path PAGE = Path.of("../docs/configuration.md");
    /** Known so that another value is refused by name; their one value is how things are done. */
    private static final Set<String> ONE_WAY =
            Set.of("compression.type", "log.cleanup.policy", "replica.alter.log.dirs.io.max.bytes.per.second");

    /** A key without effect is worse than none: whoever sets it believes that something has changed. */
    @Test
    void everyKeyIsRead() throws IOException {
        String code = code("BrokerKeys.java", "TopicKeys.java");
        Set<String> unread = new TreeSet<>();
        for (ConfigKey key : BrokerKeys.keys()) {
            if (!code.contains('"' + key.name() + '"') && !inheritedByOneThatIsRead(key, code)) {
                unread.add(key.name());
            }
        }
        unread.removeAll(ONE_WAY);
        assertEquals(Set.of(), unread);
        ONE_WAY.forEach(name -> assertNotNull(BrokerKeys.key(name).fault("true"), name));
    }

    private static boolean inheritedByOneThatIsRead(ConfigKey key, String code) {
        return TopicKeys.keys().stream()
                .filter(topic ->
                        topic.inherits().stream().anyMatch(from -> from.name().equals(key.name())))
                .anyMatch(topic -> code.contains('"' + topic.name() + '"'));
    }

    private static String code(String... except) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".java"))
                    .filter(each -> !List.of(except).contains(each.getFileName().toString()))
                    .toList()) {
                all.append(Files.readString(file));
            }
        }
        return all.toString();
    }

    @Test
    void keysThatNobodyReadsAreFound() throws IOException {
        assertTrue(!code().contains("\"no.such" + ".key\""));
    }

    /** After a change of keys: {@code -Dtest=BrokerKeysTest -Dpenstock.docs.write=true} writes the page. */
    @Test
    void thePageIsWhatTheCodeSays() throws IOException {
        if (Boolean.getBoolean("penstock.docs.write")) {
            Files.writeString(PAGE, page());
        }
        assertEquals(
                page(), Files.readString(PAGE), "run this test with -Dpenstock.docs.write=true, and commit the page");
    }

    private static String page() {
        StringBuilder page = new StringBuilder("# Configuration\n\n"
                + "What `penstock.properties` may hold. The names are Kafka's wherever Kafka has one. This page is written by\n"
                + "`BrokerKeysTest` from `broker.config.BrokerKeys`. Keys marked \"at run time\" can be changed while the broker runs\n"
                + "(`kafka-configs.sh`, the admin client). A key that is not here has no effect, and a warning says so.\n\n"
                + "| key | default | | meaning |\n|---|---|---|---|\n");
        for (ConfigKey key : BrokerKeys.keys()) {
            page.append("| `").append(key.name()).append("` | ");
            page.append(key.defaultValue() == null ? "" : '`' + key.defaultValue() + '`');
            page.append(key.dynamic() ? " | at run time | " : " | | ");
            page.append(key.documentation().replace("|", "\\|")).append(" |\n");
        }
        page.append("\n## Settings of queues and topics\n\n"
                + "Under Artemis' names, by pattern of destination names: `penstock settings set 'orders.#' max-delivery-attempts=5`;\n"
                + "`penstock settings list`, `get NAME` (what is in force, and which pattern says so), `unset PATTERN [KEY...]`. Words are\n"
                + "separated by dots; `*` is one word, `#` any number of words, none included. For each key the most specific pattern that\n"
                + "sets it wins: one without `#` before one with, of these the longer, then one without `*` before one with. Changes are in\n"
                + "force at once, on all brokers, and are kept.\n\n"
                + "| key | default | meaning |\n|---|---|---|\n");
        for (ConfigKey key : DestinationKeys.all()) {
            page.append("| `").append(key.name()).append("` | ");
            page.append(key.defaultValue() == null ? "" : '`' + key.defaultValue() + '`');
            page.append(" | ").append(key.documentation()).append(" |\n");
        }
        return page.toString();
    }
}
