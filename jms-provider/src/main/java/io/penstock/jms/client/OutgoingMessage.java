package io.penstock.jms.client;

import jakarta.jms.Message;

/**
 * A message on its way out, its headers stamped.
 *
 * @param message one of this provider's own
 * @param persistent false for NON_PERSISTENT
 * @param groupId JMSXGroupID, or null
 * @param partition what property JMS_Penstock_Partition says, or {@link #ANY_PARTITION}
 */
public record OutgoingMessage(Message message, boolean persistent, String groupId, int partition) {
    public static final int ANY_PARTITION = -1;
}
