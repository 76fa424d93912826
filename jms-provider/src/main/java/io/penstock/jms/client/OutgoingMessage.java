package io.penstock.jms.client;

import io.penstock.jms.message.SentBody;
import jakarta.jms.Message;

/**
 * A message on its way out, its headers stamped.
 *
 * @param message one of this provider's own
 * @param persistent false for NON_PERSISTENT
 * @param groupId JMSXGroupID, or null
 * @param sentBody the body, when it was sent in pieces before; else null
 * @param partition what property JMS_Penstock_Partition says, or {@link #ANY_PARTITION}
 */
public record OutgoingMessage(Message message, boolean persistent, String groupId, int partition, SentBody sentBody) {
    public static final int ANY_PARTITION = -1;

    /** One whose body has not been sent. */
    public OutgoingMessage(Message message, boolean persistent, String groupId, int partition) {
        this(message, persistent, groupId, partition, null);
    }

    /** The same message, of which the body has been sent. */
    public OutgoingMessage with(SentBody sent) {
        return new OutgoingMessage(message, persistent, groupId, partition, sent);
    }

    /** True when its record is the head of a large message, which goes in a batch of its own. */
    public boolean isHead() {
        return sentBody != null;
    }
}
