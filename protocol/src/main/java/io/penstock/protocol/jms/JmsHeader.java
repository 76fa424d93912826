package io.penstock.protocol.jms;

import java.nio.charset.StandardCharsets;

/** Names of the record headers that are no properties (docs/mapping.md). */
public final class JmsHeader {
    /** Kind of body and types of properties; a record without it was not sent by JMS. */
    public static final String TYPES = "penstock.types";
    /** Types of the entries of a Map or Stream body. */
    public static final String BODY_TYPES = "penstock.body";

    /** Who has sent it, on topics: the client id, or {@code ~} and the connection's number; for noLocal. */
    public static final String SENDER = "penstock.sender";

    /** Of a large message's head: how long its body is, and its checksum ({@link LargeHead}). */
    public static final String LARGE = "penstock.large";
    /** Of a large message's head: where the pieces of its body lie. */
    public static final String PIECES = "penstock.pieces";

    public static final String MESSAGE_ID = "JMSMessageID";
    public static final String CORRELATION_ID = "JMSCorrelationID";
    public static final String REPLY_TO = "JMSReplyTo";
    public static final String TYPE = "JMSType";
    /** Only when it is not the record's own time. */
    public static final String TIMESTAMP = "JMSTimestamp";
    /** {@link #NON_PERSISTENT} or absent. */
    public static final String DELIVERY_MODE = "JMSDeliveryMode";
    /** Absent for 4. */
    public static final String PRIORITY = "JMSPriority";
    /** Milliseconds since 1970; absent for never. */
    public static final String EXPIRATION = "JMSExpiration";
    /** Milliseconds since 1970; absent when it is the record's time. */
    public static final String DELIVERY_TIME = "JMSDeliveryTime";

    public static final String NON_PERSISTENT = "NON_PERSISTENT";

    private static final String PREFIX = "JMS";
    private static final String OUR_PREFIX = "penstock.";

    private JmsHeader() {}

    /** The name as it stands in a record. */
    public static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether a header of this name can be one of those above; all others are properties. */
    public static boolean isReserved(String name) {
        if (name.startsWith(PREFIX)) {
            return switch (name) {
                case MESSAGE_ID,
                        CORRELATION_ID,
                        REPLY_TO,
                        TYPE,
                        TIMESTAMP,
                        DELIVERY_MODE,
                        PRIORITY,
                        EXPIRATION,
                        DELIVERY_TIME,
                        "JMSDestination",
                        "JMSRedelivered" -> true;
                default -> false;
            };
        }
        return name.startsWith(OUR_PREFIX);
    }
}
