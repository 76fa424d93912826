package io.penstock.jms.message;

import io.penstock.protocol.jms.LargeHead;

/**
 * What stands in a record for a body that was sent before it.
 *
 * @param types the header {@link io.penstock.protocol.jms.JmsHeader#BODY_TYPES}, or null
 */
public record SentBody(LargeHead head, String types) {}
