package io.penstock.cli;

import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Option;

/** {@code --broker}: which broker a command speaks to. */
final class BrokerOption {
    private static final String SCHEME = "penstock://";

    @Option(
            names = {"-b", "--broker"},
            paramLabel = "URL",
            defaultValue = SCHEME + "127.0.0.1:9092",
            description = "the broker (default ${DEFAULT-VALUE}); host:port will do")
    private String url;

    String url() {
        return url.startsWith(SCHEME) ? url : SCHEME + url;
    }

    /** Host and port of the first broker. */
    String address() {
        return url().substring(SCHEME.length()).replaceAll("[,?/].*", "");
    }

    Admin admin() {
        return Admin.create(Map.of(
                "bootstrap.servers", url().substring(SCHEME.length()).replaceAll("\\?.*", ""),
                "default.api.timeout.ms", "15000",
                "request.timeout.ms", "10000"));
    }
}
