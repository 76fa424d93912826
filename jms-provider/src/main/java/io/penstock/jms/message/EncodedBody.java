package io.penstock.jms.message;

import java.nio.ByteBuffer;

/**
 * A body as it is to be stored, when it is too long for a record.
 *
 * @param types the header {@link io.penstock.protocol.jms.JmsHeader#BODY_TYPES}, or null
 */
public record EncodedBody(ByteBuffer bytes, String types) {}
