package io.penstock.broker;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;

/** A socket, and what a client without any client library writes to it. Closed by the test. */
final class RawClient implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 30_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private int correlationId;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    void write(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** A header of version 1 with a client id of null, and a body; the length stands before it. */
    static byte[] frame(int key, int version, int correlationId, byte[] body) {
        return ByteBuffer.allocate(14 + body.length)
                .putInt(10 + body.length)
                .putShort((short) key)
                .putShort((short) version)
                .putInt(correlationId)
                .putShort((short) -1)
                .put(body)
                .array();
    }

    static byte[] frame(AbstractRequest request, RequestHeader header) {
        ByteBuffer bytes = request.serializeWithHeader(header);
        ByteBuffer framed = ByteBuffer.allocate(4 + bytes.remaining());
        framed.putInt(bytes.remaining()).put(bytes);
        return framed.array();
    }

    RequestHeader send(AbstractRequest request) throws IOException {
        RequestHeader header = header(request);
        write(frame(request, header));
        return header;
    }

    RequestHeader header(AbstractRequest request) {
        return new RequestHeader(request.apiKey(), request.version(), "raw", correlationId++);
    }

    @SuppressWarnings("unchecked")
    <T extends AbstractResponse> T ask(AbstractRequest request) throws IOException {
        return (T) response(send(request));
    }

    AbstractResponse response(RequestHeader header) throws IOException {
        return AbstractResponse.parseResponse(frame(), header);
    }

    /** The next frame, from its correlation id on. */
    ByteBuffer frame() throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return ByteBuffer.wrap(bytes);
    }

    /** True when the broker ends the connection; what it sends before that counts as a failure. */
    boolean endsWithoutAnswer() throws IOException {
        try {
            return in.read() < 0;
        } catch (java.net.SocketException e) {
            return true; // reset, since it did not read all that we wrote
        }
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
