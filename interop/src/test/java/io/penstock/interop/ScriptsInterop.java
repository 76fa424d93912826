package io.penstock.interop;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients of Python (Debian's packages) and Node (npm); the scripts check contents and end with a line "OK". */
@Timeout(300)
class ScriptsInterop {
    /** Debian's interpreter, since the packages are Debian's. */
    private static final String PYTHON = "/usr/bin/python3";

    private final String broker = InteropBroker.address();

    @Test
    void confluentKafka() {
        python("confluent.py");
    }

    @Test
    void kafkaPython() {
        python("kafkapython.py");
    }

    @Test
    void kafkajs() {
        node("kafkajs.mjs");
    }

    @Test
    void platformatic() {
        node("platformatic.mjs");
    }

    private void python(String script) {
        check(Command.run(PYTHON, resource(script).toString(), broker, InteropBroker.fresh("py")));
    }

    private void node(String script) {
        // A module is resolved from where the script lies.
        Path directory = Path.of(Command.property("interop.node"));
        Path copy = directory.resolve(script);
        try {
            Files.writeString(copy, Files.readString(resource(script)));
        } catch (IOException e) {
            throw new UncheckedIOException("the Node clients are installed by .ci/interop.sh", e);
        }
        check(Command.run("node", copy.toString(), broker, InteropBroker.fresh("node")));
    }

    private static void check(Command.Ended ended) {
        assertTrue(ended.ok().out().endsWith("OK\n"), ended.out() + ended.err());
    }

    private static Path resource(String name) {
        return Path.of("src", "test", "clients", name);
    }
}
