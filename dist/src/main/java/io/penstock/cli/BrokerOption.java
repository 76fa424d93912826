package io.penstock.cli;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Option;

/** {@code --broker}: which broker a command speaks to, and as whom. */
final class BrokerOption {
    private static final String SCHEME = "penstock://";
    private static final String PASSWORD_VARIABLE = "PENSTOCK_PASSWORD";

    @Option(
            names = {"-b", "--broker"},
            paramLabel = "URL",
            defaultValue = SCHEME + "127.0.0.1:9092",
            description = "the broker (default ${DEFAULT-VALUE}); host:port will do")
    private String url;

    @Option(
            names = {"-u", "--user"},
            paramLabel = "NAME",
            description = "log in; the password is in " + PASSWORD_VARIABLE + ", or asked for")
    private String user;

    private String password;

    String url() {
        return url.startsWith(SCHEME) ? url : SCHEME + url;
    }

    /** Host and port of the first broker. */
    String address() {
        return url().substring(SCHEME.length()).replaceAll("[,?/].*", "");
    }

    /** Null for nobody. */
    String user() {
        return user;
    }

    String password() throws IOException, UsageException {
        if (password == null) {
            String given = System.getenv(PASSWORD_VARIABLE);
            password = given != null ? given : Passwords.ask("Password of " + user + ": ");
        }
        return password;
    }

    Connection connect() throws JMSException, IOException, UsageException {
        PenstockConnectionFactory factory = new PenstockConnectionFactory(url());
        return user == null ? factory.createConnection() : factory.createConnection(user, password());
    }

    Admin admin() throws IOException, UsageException {
        Map<String, Object> settings = new HashMap<>(Map.of(
                "bootstrap.servers", url().substring(SCHEME.length()).replaceAll("\\?.*", ""),
                "default.api.timeout.ms", "15000",
                "request.timeout.ms", "10000"));
        if (user != null) {
            settings.put("security.protocol", "SASL_PLAINTEXT");
            settings.put("sasl.mechanism", "SCRAM-SHA-256");
            settings.put(
                    "sasl.jaas.config",
                    "org.apache.kafka.common.security.scram.ScramLoginModule required username=" + quoted(user)
                            + " password=" + quoted(password()) + ";");
        }
        return Admin.create(settings);
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
