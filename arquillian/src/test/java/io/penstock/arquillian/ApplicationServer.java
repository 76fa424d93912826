package io.penstock.arquillian;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/**
 * What differs between servers: how the adapter is installed and configured, and how a message-driven bean finds it.
 * Used by the test's thread; Arquillian starts and stops the server itself.
 */
sealed interface ApplicationServer permits WildFly, OpenLiberty {
    /** The one that this run is for. */
    static ApplicationServer current() {
        String qualifier = property("arquillian.launch");
        return switch (qualifier) {
            case "wildfly" -> new WildFly(directory().resolve("wildfly-" + property("wildfly.version")));
            case "liberty" -> new OpenLiberty(directory().resolve("wlp"));
            default -> throw new AssertionError("no such server: " + qualifier);
        };
    }

    /** The container's name in arquillian.xml. */
    String qualifier();

    URI http();

    /** Makes the configuration of the server, which is not running, anew. */
    void configure(Adapter adapter, String brokerUrl) throws IOException, InterruptedException;

    /** What of arquillian.xml differs from start to start. */
    Map<String, String> startProperties(String brokerUrl);

    /** Adds what a deployer adds so that the beans listen by the adapter. */
    WebArchive bind(WebArchive application, List<Class<?>> messageDrivenBeans);

    /** Where to look when something fails. */
    Path log();

    /** Where the build has unpacked servers and adapters. */
    static Path directory() {
        return Path.of(property("servers"));
    }

    static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new AssertionError(name + " is not set: run this by .ci/arquillian.sh");
        }
        return value;
    }
}
