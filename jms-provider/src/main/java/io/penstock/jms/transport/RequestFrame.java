package io.penstock.jms.transport;

import java.nio.ByteBuffer;

/**
 * A request as it travels.
 *
 * <pre>
 * int32 length | int16 apiKey | int16 apiVersion | int32 correlationId | nullable string clientName | body
 * </pre>
 */
final class RequestFrame {
    private final short apiKey;
    private final short apiVersion;
    private final int correlationId;
    private final byte[] clientName;
    private final FrameBody body;
    private final int bodyBytes;

    /** @param clientName null where it is of no use: acknowledgements are short, and many */
    RequestFrame(short apiKey, short apiVersion, int correlationId, byte[] clientName, FrameBody body) {
        this.apiKey = apiKey;
        this.apiVersion = apiVersion;
        this.correlationId = correlationId;
        this.clientName = clientName;
        this.body = body;
        this.bodyBytes = body.sizeBytes();
    }

    int sizeBytes() {
        return 4 + 2 + 2 + 4 + 2 + (clientName == null ? 0 : clientName.length) + bodyBytes;
    }

    void writeTo(ByteBuffer dst) {
        int end = dst.position() + sizeBytes();
        dst.putInt(sizeBytes() - 4);
        dst.putShort(apiKey).putShort(apiVersion).putInt(correlationId);
        if (clientName == null) {
            dst.putShort((short) -1);
        } else {
            dst.putShort((short) clientName.length).put(clientName);
        }
        body.writeTo(dst);
        if (dst.position() != end) {
            throw new IllegalStateException("request " + apiKey + " announced " + bodyBytes + " bytes and wrote "
                    + (dst.position() - end + bodyBytes));
        }
    }
}
