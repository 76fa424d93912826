package io.penstock.jms.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.ByteBuffer;

/**
 * Cuts the stream into frames and copies each once, to the heap, so that messages may keep slices of it. Event loop, or
 * who reads in its place ({@link CallerReading}).
 *
 * <pre>
 * int32 length | length bytes
 * </pre>
 */
final class FrameReader extends ChannelInboundHandlerAdapter {

    /** Takes frames; throws {@link MalformedFrameException} for what it does not understand. */
    interface Frames {
        void frame(ByteBuffer frame) throws MalformedFrameException;

        void lost(Throwable cause);
    }

    private final int frameBytesMax;
    private final Frames frames;
    private int length;
    private int lengthBytes;
    private byte[] body;
    private int bodyBytes;
    private boolean bad;
    /** Only who reads writes it. */
    private volatile long reads;

    FrameReader(int frameBytesMax, Frames frames) {
        this.frameBytesMax = frameBytesMax;
        this.frames = frames;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            feed(in);
        } finally {
            in.release();
        }
    }

    /** Takes all of {@code in}. */
    void feed(ByteBuf in) {
        long before = reads;
        reads = before + 1;
        try {
            while (!bad && in.isReadable()) {
                read(in);
            }
        } catch (MalformedFrameException | RuntimeException e) {
            bad = true;
            frames.lost(e);
        }
    }

    /** How often something came. Any thread. */
    long reads() {
        return reads;
    }

    private void read(ByteBuf in) throws MalformedFrameException {
        if (body == null) {
            while (lengthBytes < 4 && in.isReadable()) {
                length = length << 8 | in.readUnsignedByte();
                lengthBytes++;
            }
            if (lengthBytes < 4) {
                return;
            }
            if (length < 4 || length > frameBytesMax) {
                throw new MalformedFrameException("a frame of " + length + " bytes was announced; between 4 and "
                        + frameBytesMax + " are allowed");
            }
            body = new byte[length];
            bodyBytes = 0;
        }
        int chunk = Math.min(body.length - bodyBytes, in.readableBytes());
        in.readBytes(body, bodyBytes, chunk);
        bodyBytes += chunk;
        if (bodyBytes == body.length) {
            ByteBuffer frame = ByteBuffer.wrap(body);
            body = null;
            length = 0;
            lengthBytes = 0;
            frames.frame(frame);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        frames.lost(null);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        frames.lost(cause);
    }
}
