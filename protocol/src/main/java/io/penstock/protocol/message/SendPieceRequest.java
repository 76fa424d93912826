package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * Stores one piece of a large message's body ({@link io.penstock.protocol.record.MessagePiece}), before its head.
 *
 * @param durability TOPIC answers when this piece and all before it are stored as the topic's flush policy says
 * @param bodyBytes of the whole body
 */
public record SendPieceRequest(
        int sessionId, UUID topicId, int partition, SendDurability durability, int bodyBytes, ByteBuffer piece)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Integer.BYTES
                + 2 * Long.BYTES
                + Integer.BYTES
                + Byte.BYTES
                + Integer.BYTES
                + FieldWriter.bytesBytes(piece);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(sessionId);
        FieldWriter.uuid(dst, topicId);
        dst.putInt(partition);
        dst.put(durability.code());
        dst.putInt(bodyBytes);
        FieldWriter.bytes(dst, piece);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static SendPieceRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new SendPieceRequest(
                in.int32(), in.uuid(), in.int32(), SendDurability.of(in.int8()), in.int32(), in.bytes()));
    }
}
