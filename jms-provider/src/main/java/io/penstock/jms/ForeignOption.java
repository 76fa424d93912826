package io.penstock.jms;

import java.util.List;
import java.util.Optional;

/**
 * Options of Artemis and of Qpid JMS that are none here. Users bring them in their URLs: what changes nothing that a
 * program can rely on is taken without effect; what would be missed is refused by name, with where to turn instead. The
 * reference page is made from this table (docs/jms.md).
 */
enum ForeignOption {
    BROKER_CHOICE(
            Take.ANYTHING,
            "the brokers are tried in the order of the URL; one connection reaches the whole cluster",
            "ha",
            "useTopologyForLoadBalancing",
            "connectionLoadBalancingPolicyClassName",
            "failover.randomize",
            "failover.amqpOpenServerListAction"),
    RESTORING(
            Take.ANYTHING,
            "sessions are restored after every interruption; calls wait as long as `jms.reconnectAttempts` says",
            "confirmationWindowSize",
            "callFailoverTimeout",
            "failoverOnInitialConnection",
            "failover.initialReconnectDelay",
            "failover.warnAfterReconnectAttempts"),
    LIVENESS(
            Take.ANYTHING,
            "TCP's keep-alive and `jms.callTimeout` notice a dead peer",
            "connectionTTL",
            "clientFailureCheckPeriod",
            "amqp.idleTimeout",
            "transport.tcpKeepAlive",
            "transport.soTimeout"),
    ACKNOWLEDGEMENTS(
            Take.ANYTHING,
            "acknowledgements are pipelined, and presented again after an interruption",
            "blockOnAcknowledge",
            "dupsOKBatchSize",
            "transactionBatchSize",
            "jms.forceAsyncAcks",
            "jms.receiveLocalOnly",
            "jms.receiveNoWaitLocalOnly",
            "jms.localMessageExpiry"),
    SENDING(
            Take.ANYTHING,
            "the broker gives senders credit; bodies from 1,000,000 bytes on travel in pieces",
            "producerWindowSize",
            "minLargeMessageSize",
            "compressLargeMessage",
            "cacheLargeMessagesClient",
            "initialMessagePacketSize",
            "amqp.maxFrameSize"),
    THREADS_AND_SOCKETS(
            Take.ANYTHING,
            "all connections share one reading thread; the system sizes the buffers of sockets",
            "useGlobalPools",
            "threadPoolMaxSize",
            "scheduledThreadPoolMaxSize",
            "nioRemotingThreads",
            "remotingThreads",
            "useNio",
            "useEpoll",
            "useKQueue",
            "tcpNoDelay",
            "tcpSendBufferSize",
            "tcpReceiveBufferSize",
            "jms.useDaemonThread",
            "transport.tcpNoDelay",
            "transport.sendBufferSize",
            "transport.receiveBufferSize",
            "transport.soLinger",
            "transport.trafficClass",
            "transport.useEpoll",
            "transport.useKQueue",
            "transport.traceFrames",
            "transport.traceBytes",
            "transport.traceFrameBytes"),
    IDENTIFIERS(
            Take.ANYTHING,
            "identifiers are made here; a client id may be set until the connection is used",
            "cacheDestinations",
            "enable1xPrefixes",
            "jms.clientIDPrefix",
            "jms.connectionIDPrefix",
            "jms.awaitClientID",
            "jms.messageIDPolicy.messageIDType",
            "jms.closeTimeout",
            "amqp.vhost",
            "amqp.drainTimeout"),
    ENCRYPTION(
            "false",
            "TLS comes with a later version of Penstock",
            "tls",
            "sslEnabled",
            "trustAll",
            "transport.trustAll"),
    ENCRYPTION_FILES(
            Take.NOTHING,
            "TLS comes with a later version of Penstock",
            "tls.trustStore",
            "tls.trustStorePassword",
            "trustStorePath",
            "trustStorePassword",
            "keyStorePath",
            "keyStorePassword",
            "verifyHost",
            "enabledCipherSuites",
            "enabledProtocols",
            "transport.trustStoreLocation",
            "transport.trustStorePassword",
            "transport.keyStoreLocation",
            "transport.keyStorePassword",
            "transport.verifyHost"),
    AUTHENTICATION(
            Take.NOTHING,
            "user and password are `jms.username` and `jms.password`, and there is no choice of mechanisms",
            "amqp.saslLayer",
            "amqp.saslMechanisms"),
    REDELIVERIES(
            "-1",
            "attempts are counted in the broker: `penstock settings set NAME max-delivery-attempts=N`",
            "jms.redeliveryPolicy.maxRedeliveries",
            "jms.redeliveryPolicy.outcome"),
    DENY_LIST(
            "",
            "what `jms.deserializationAllowList` does not name is denied already",
            "deserializationDenyList",
            "deserializationBlackList",
            "jms.deserializationPolicy.denyList"),
    RATES("-1", "rates are not limited", "consumerMaxRate", "producerMaxRate"),
    PRE_ACKNOWLEDGE(
            "false",
            "NON_PERSISTENT messages are acknowledged before they are handed out, others after it",
            "preAcknowledge",
            "jms.presettlePolicy.presettleAll",
            "jms.presettlePolicy.presettleConsumers",
            "jms.presettlePolicy.presettleProducers"),
    PREFETCH_BY_KIND(
            Take.NOTHING,
            "`jms.prefetch` is the same for all kinds of destinations",
            "jms.prefetchPolicy.queuePrefetch",
            "jms.prefetchPolicy.topicPrefetch",
            "jms.prefetchPolicy.queueBrowserPrefetch",
            "jms.prefetchPolicy.durableTopicPrefetch"),
    ASYNC_SENDS("false", "say `jms.blockOnPersistentSend=false`", "jms.forceAsyncSend"),
    SYNC_SENDS("false", "say `jms.blockOnNonPersistentSend=true`", "jms.forceSyncSend"),
    SEND_TIMEOUT("-1", "say `jms.callTimeout`", "jms.sendTimeout"),
    BACK_OFF("true", "say `jms.reconnectMultiplier=1`", "failover.useReconnectBackOff"),
    PREFIXES("", "destinations have their names and no others", "jms.queuePrefix", "jms.topicPrefix"),
    PROPERTY_NAMES("true", "names of properties are always checked", "jms.validatePropertyNames"),
    LOCAL_PRIORITY("false", "the broker orders by priority", "jms.localMessagePriority"),
    USER_ID("false", "JMSXUserID is not set", "jms.populateJMSXUserID"),
    LOCAL_ADDRESS("", "the system chooses the local address", "localAddress", "transport.localAddress"),
    LOCAL_PORT("0", "the system chooses the local port", "localPort", "transport.localPort");

    /** What is taken, besides values. */
    private static final class Take {
        static final String ANYTHING = "*";
        static final String NOTHING = "-";
    }

    private final String harmless;
    private final String reason;
    private final List<String> names;

    /** @param harmless the value that asks for what is done anyway, or one of {@link Take} */
    ForeignOption(String harmless, String reason, String... names) {
        this.harmless = harmless;
        this.reason = reason;
        this.names = List.of(names);
    }

    List<String> names() {
        return names;
    }

    static Optional<ForeignOption> named(String name) {
        for (ForeignOption option : values()) {
            if (option.names.contains(name)) {
                return Optional.of(option);
            }
        }
        return Optional.empty();
    }

    /** @throws IllegalArgumentException that names the option, unless the value changes nothing */
    void take(String name, String value) {
        if (!harmless.equals(Take.ANYTHING) && !harmless.equals(value)) {
            throw new IllegalArgumentException(
                    "option '" + name + "=" + value + "' is not supported: " + reason.replace("`", "'"));
        }
    }

    private String treatment() {
        return switch (harmless) {
            case Take.ANYTHING -> "no effect";
            case Take.NOTHING -> "refused";
            case "" -> "refused unless empty";
            default -> "refused unless `" + harmless + "`";
        };
    }

    /** The table of the reference page. */
    static String markdown() {
        StringBuilder table = new StringBuilder("| option | here | because |\n|---|---|---|\n");
        for (ForeignOption option : values()) {
            table.append("| `")
                    .append(String.join("`, `", option.names))
                    .append("` | ")
                    .append(option.treatment())
                    .append(" | ")
                    .append(option.reason)
                    .append(" |\n");
        }
        return table.toString();
    }
}
