package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * The body of a private request, response or push (docs/private-protocol.md). Immutable; byte fields are slices of the
 * buffer that the message was read from and are valid as long as that is. Each has a static {@code read(ByteBuffer,
 * short)} that takes the whole rest of the buffer and throws {@link MalformedMessageException} for anything else than
 * exactly one message.
 */
public interface PrivateMessage {

    /** Bytes that {@link #writeTo} writes. */
    int sizeBytes();

    /** Writes at the buffer's position, which moves by {@link #sizeBytes}. Byte fields keep their own positions. */
    void writeTo(ByteBuffer dst);
}
