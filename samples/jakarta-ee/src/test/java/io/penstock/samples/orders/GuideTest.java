package io.penstock.samples.orders;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/app-servers.md has readers copy is what the servers are tested with. */
@Timeout(10)
class GuideTest {
    @ParameterizedTest
    @ValueSource(strings = {"wildfly/penstock.cli", "liberty/penstock.xml"})
    void guideShowsTheFileAsItIs(String file) throws IOException {
        String guide = Files.readString(Path.of("../../docs/app-servers.md"));

        assertTrue(guide.contains(Files.readString(Path.of(file))), file);
    }
}
