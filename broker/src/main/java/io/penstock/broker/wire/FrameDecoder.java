package io.penstock.broker.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Cuts the stream into frames.
 *
 * <pre>
 * before  | length int32 | frame: length bytes | length ...
 * after                  | frame               |
 * </pre>
 *
 * A frame is a slice of what was received; nothing is allocated from a length that the client claims, the buffer only
 * grows with what really arrives, and the connection is told how much that is of a frame that is not whole. While the connection is held back, what has arrived stays undecoded. Runs on the
 * connection's loop; one for each connection.
 */
final class FrameDecoder extends ByteToMessageDecoder {
    /** Less than the shortest request header. */
    private static final int FRAME_BYTES_MIN = 8;

    private int frameBytesMax;
    private ChannelHandlerContext context;
    private IntConsumer partListener = bytes -> {};
    private boolean held;
    private boolean ended;
    private boolean bad;

    FrameDecoder(int frameBytesMax) {
        this.frameBytesMax = frameBytesMax;
    }

    /** Longer frames are refused from now on. */
    void limit(int bytes) {
        frameBytesMax = bytes;
    }

    /** Is told after each read how many bytes wait here for the rest of their frame. */
    void onPart(IntConsumer listener) {
        partListener = listener;
    }

    /** Keeps what has arrived undecoded, or no longer. */
    void hold(boolean hold) {
        held = hold;
    }

    /** Decodes what arrived meanwhile; not to be called from inside of {@link #decode}. */
    void decodeRest() {
        try {
            channelRead(context, Unpooled.EMPTY_BUFFER);
        } catch (Exception e) {
            context.fireExceptionCaught(e);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        super.channelRead(ctx, message);
        partListener.accept(actualReadableBytes());
    }

    /** What has arrived before the end is heard, whatever has held it up (JMS-RULES 6). */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        ended = true;
        super.channelInactive(ctx);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (bad) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if ((held && !ended) || in.readableBytes() < Integer.BYTES) {
            return;
        }
        int length = in.getInt(in.readerIndex());
        if (length < FRAME_BYTES_MIN || length > frameBytesMax) {
            bad = true;
            throw new BadFrameException(describe(in, length));
        }
        if (in.readableBytes() - Integer.BYTES >= length) {
            in.skipBytes(Integer.BYTES);
            out.add(in.readRetainedSlice(length));
        }
    }

    private String describe(ByteBuf in, int length) {
        int first = in.getUnsignedByte(in.readerIndex());
        int second = in.getUnsignedByte(in.readerIndex() + 1);
        if (first == 0x16 && second == 3) {
            return "a TLS handshake on a port without TLS";
        }
        if (Character.isUpperCase(first) && Character.isUpperCase(second)) {
            return "HTTP, or other text, on the messaging port";
        }
        return "a frame of " + length + " bytes; from " + FRAME_BYTES_MIN + " to " + frameBytesMax + " are possible";
    }
}
