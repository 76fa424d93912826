package io.penstock.jms;

import java.util.List;
import java.util.Optional;

/**
 * The options of a connection URL: the reference page is made from this table (docs/jms.md). Further names are those that
 * users bring with them from Artemis and Qpid JMS.
 */
public enum UrlOption {
    CLIENT_ID("jms.clientID", null, "", "client id of the connection", "clientID"),
    USERNAME("jms.username", null, "", "user, unless createConnection names one", "user"),
    PASSWORD("jms.password", null, "", "the user's password", "password"),
    PREFETCH(
            "jms.prefetch",
            "1000",
            "messages, 1 to 100000",
            "how many messages a consumer may hold ahead of the application; 1 for slow consumers that compete",
            "jms.prefetchPolicy.all"),
    PREFETCH_BYTES(
            "jms.prefetchBytes",
            "8388608",
            "bytes, 1024 to 1073741824",
            "how many bytes a consumer may hold ahead of the application; `consumerWindowSize` 0 means `jms.prefetch=1`,"
                    + " -1 the most",
            "consumerWindowSize"),
    CALL_TIMEOUT(
            "jms.callTimeout",
            "30000",
            "ms, 1 to 3600000",
            "how long a call waits for the broker's answer",
            "callTimeout",
            "jms.requestTimeout"),
    CONNECT_TIMEOUT(
            "jms.connectTimeout",
            "10000",
            "ms, 1 to 3600000",
            "how long connecting to one broker may take",
            "transport.connectTimeout",
            "connect-timeout-millis"),
    LOCAL_SOCKET(
            "jms.localSocket",
            "true",
            "true or false",
            "true: a broker that is found by loopback, and runs as a user whose files this process may open, is spoken to by"
                    + " its socket file, which costs both less than TCP; false: always by TCP",
            "localSocket"),
    BLOCK_ON_PERSISTENT_SEND(
            "jms.blockOnPersistentSend",
            "true",
            "true or false",
            "false: a send of a PERSISTENT message returns before it is stored, and a failure goes to the"
                    + " ExceptionListener",
            "blockOnDurableSend"),
    BLOCK_ON_NON_PERSISTENT_SEND(
            "jms.blockOnNonPersistentSend",
            "false",
            "true or false",
            "true: a send of a NON_PERSISTENT message waits for the broker's answer",
            "blockOnNonDurableSend"),
    TRANSACTION_BYTES(
            "jms.transactionBytes",
            "67108864",
            "bytes, 1024 to 1073741824",
            "how many bytes of sends a local transaction may hold; the broker's frame limit bounds it too"),
    RECONNECT_ATTEMPTS(
            "jms.reconnectAttempts",
            "-1",
            "number, -1 to 1000000",
            "how often a lost connection is tried again before it is given up; -1: for ever, 0: never",
            "reconnectAttempts",
            "failover.maxReconnectAttempts"),
    INITIAL_CONNECT_ATTEMPTS(
            "jms.initialConnectAttempts",
            "1",
            "number, -1 to 1000000",
            "how often the brokers of the list are tried when a connection is made; -1: for ever",
            "initialConnectAttempts",
            "failover.startupMaxReconnectAttempts"),
    RECONNECT_DELAY(
            "jms.reconnectDelay",
            "50",
            "ms, 1 to 3600000",
            "between the first attempt, which is made at once, and the second",
            "retryInterval",
            "failover.reconnectDelay"),
    RECONNECT_MULTIPLIER(
            "jms.reconnectMultiplier",
            "2",
            "number, 1 to 100",
            "by which the delay grows with each attempt",
            "retryIntervalMultiplier",
            "failover.reconnectBackOffMultiplier"),
    RECONNECT_DELAY_MAX(
            "jms.reconnectDelayMax",
            "500",
            "ms, 1 to 3600000",
            "where the delay stops growing; a restarted broker keeps what sessions hold for a second",
            "maxRetryInterval",
            "failover.maxReconnectDelay"),
    GROUP_ID("jms.groupID", null, "", "JMSXGroupID of messages that have none", "groupID"),
    AUTO_GROUP(
            "jms.autoGroup",
            "false",
            "true or false",
            "true: the messages of a session that have no JMSXGroupID are one group, unless jms.groupID names it",
            "autoGroup"),
    DESERIALIZATION_ALLOW_LIST(
            "jms.deserializationAllowList",
            null,
            "classes and packages, separated by commas",
            "what an ObjectMessage may hold besides the classes of java.lang and java.util that hold values",
            "deserializationAllowList",
            "deserializationWhiteList",
            "jms.deserializationPolicy.allowList"),
    TYPE(
            "type",
            "CF",
            "CF, QUEUE_CF, TOPIC_CF, XA_CF, QUEUE_XA_CF or TOPIC_XA_CF",
            "what kind of factory is meant; one object is all of the first three, and PenstockXAConnectionFactory of all");

    private final String key;
    private final String defaultValue;
    private final String range;
    private final String meaning;
    private final List<String> otherNames;

    UrlOption(String key, String defaultValue, String range, String meaning, String... otherNames) {
        this.key = key;
        this.defaultValue = defaultValue;
        this.range = range;
        this.meaning = meaning;
        this.otherNames = List.of(otherNames);
    }

    public String key() {
        return key;
    }

    /** Null when there is none. */
    public String defaultValue() {
        return defaultValue;
    }

    public String range() {
        return range;
    }

    public String meaning() {
        return meaning;
    }

    public List<String> otherNames() {
        return otherNames;
    }

    static Optional<UrlOption> named(String name) {
        for (UrlOption option : values()) {
            if (option.key.equals(name) || option.otherNames.contains(name)) {
                return Optional.of(option);
            }
        }
        return Optional.empty();
    }

    /** The table of the reference page. */
    public static String markdown() {
        StringBuilder table =
                new StringBuilder("| option | also | default | values | meaning |\n|---|---|---|---|---|\n");
        for (UrlOption option : values()) {
            table.append("| `").append(option.key).append("` | ");
            table.append(option.otherNames.isEmpty() ? "" : "`" + String.join("`, `", option.otherNames) + "`");
            table.append(" | ").append(option.defaultValue == null ? "" : "`" + option.defaultValue + "`");
            table.append(" | ")
                    .append(option.range)
                    .append(" | ")
                    .append(option.meaning)
                    .append(" |\n");
        }
        return table.toString();
    }
}
