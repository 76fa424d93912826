package io.penstock.jms.transport;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/** A broker that says what the test says: one connection at a time, requests read and answers written by hand. */
public final class ScriptedPeer implements AutoCloseable {
    private final ServerSocket server;
    private Socket socket;
    private DataInputStream in;

    /** A request as it came. */
    public record Request(short apiKey, short apiVersion, int correlationId, ByteBuffer body) {}

    public ScriptedPeer() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        server.setSoTimeout((int) TimeUnit.SECONDS.toMillis(10));
    }

    public int port() {
        return server.getLocalPort();
    }

    public void accept() throws IOException {
        socket = server.accept();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(10));
        in = new DataInputStream(socket.getInputStream());
    }

    public Request read() throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        ByteBuffer buffer = ByteBuffer.wrap(frame);
        short key = buffer.getShort();
        short version = buffer.getShort();
        int correlationId = buffer.getInt();
        int name = buffer.getShort();
        buffer.position(buffer.position() + Math.max(0, name));
        return new Request(key, version, correlationId, buffer.slice());
    }

    public void reply(int correlationId, ByteBuffer body) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(8 + body.remaining());
        frame.putInt(correlationId).putShort((short) 0).putShort((short) -1).put(body.duplicate());
        write(frame.array());
    }

    public void fail(int correlationId, int error, String message) throws IOException {
        byte[] text = message.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(8 + text.length);
        frame.putInt(correlationId)
                .putShort((short) error)
                .putShort((short) text.length)
                .put(text);
        write(frame.array());
    }

    /** A frame of these bytes. */
    public void write(byte[] frame) throws IOException {
        writeRaw(ByteBuffer.allocate(4 + frame.length)
                .putInt(frame.length)
                .put(frame)
                .array());
    }

    public void writeRaw(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    public void push(int kind, ByteBuffer body) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(8 + body.remaining());
        frame.putInt(-1).putShort((short) kind).putShort((short) 0).put(body.duplicate());
        write(frame.array());
    }

    /** Closes the connection and goes on listening. */
    public void hangUp() throws IOException {
        socket.close();
    }

    @Override
    public void close() throws IOException {
        if (socket != null) {
            socket.close();
        }
        server.close();
    }
}
