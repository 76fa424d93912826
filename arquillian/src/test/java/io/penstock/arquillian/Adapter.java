package io.penstock.arquillian;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A resource adapter under test, and how servers are configured for it: ours as the documented sample says. */
record Adapter(String name, Path archive) {
    static Adapter current() {
        String name = ApplicationServer.property("adapter");
        String file = name.equals("penstock") ? "penstock-ra.rar" : name + "-rar.rar";
        return new Adapter(
                name, ApplicationServer.directory().resolve("adapters").resolve(file));
    }

    /** The text that a server of this name takes. */
    String configuration(String server, String suffix) throws IOException {
        return name.equals("penstock")
                ? Files.readString(Path.of(ApplicationServer.property("sample"), server, "penstock" + suffix))
                : Resources.text(server + "-" + name + suffix);
    }
}
