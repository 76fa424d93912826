package io.penstock.cli;

import io.penstock.protocol.message.AuthenticateRequest;
import io.penstock.protocol.message.AuthenticateResponse;
import io.penstock.protocol.message.OpenConnectionRequest;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.PrivateRequestHeader;
import io.penstock.protocol.message.PrivateResponseHeader;
import io.penstock.protocol.scram.ScramClient;
import io.penstock.protocol.scram.ScramException;
import io.penstock.protocol.scram.ScramMechanism;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** Private requests to a broker on a socket of their own, one after the other. */
final class BrokerCalls implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 15_000;
    private static final int REPLY_BYTES_MAX = 64 << 20;

    private final Socket socket = new Socket();
    private int correlationId;

    private BrokerCalls(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        String host = colon < 0 ? address : address.substring(0, colon);
        int port = colon < 0 ? 9092 : Integer.parseInt(address.substring(colon + 1));
        try {
            socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
        } catch (IOException e) {
            socket.close();
            throw new IOException("no broker answers at " + address + ": " + e.getMessage(), e);
        }
    }

    /** Fails with a text when nobody answers there. */
    static void probe(String address) throws IOException {
        new BrokerCalls(address).close();
    }

    /** The reply's body. */
    static ByteBuffer ask(BrokerOption broker, PenstockApi api, PrivateMessage request)
            throws IOException, UsageException {
        return ask(broker, broker.address(), api, request);
    }

    /** As {@link #ask(BrokerOption, PenstockApi, PrivateMessage)}, as the same user, of another broker. */
    static ByteBuffer ask(BrokerOption as, String address, PenstockApi api, PrivateMessage request)
            throws IOException, UsageException {
        String password = as.user() == null ? null : as.password();
        try (BrokerCalls calls = new BrokerCalls(address)) {
            if (password != null) {
                calls.logIn(as.user(), password);
            }
            calls.call(PenstockApi.OPEN_CONNECTION, new OpenConnectionRequest(null, as.user(), null));
            return calls.call(api, request);
        }
    }

    private void logIn(String user, String password) throws IOException {
        ScramMechanism mechanism = ScramMechanism.SHA_256;
        byte[] nonce = new byte[ScramClient.NONCE_BYTES];
        new SecureRandom().nextBytes(nonce);
        ScramClient scram = new ScramClient(
                mechanism, user, (salt, iterations) -> mechanism.saltedPassword(password, salt, iterations), nonce);
        try {
            ByteBuffer first = call(PenstockApi.AUTHENTICATE, new AuthenticateRequest(mechanism.text(), scram.first()));
            ByteBuffer proof =
                    scram.last(AuthenticateResponse.read(first, (short) 0).token());
            ByteBuffer last = call(PenstockApi.AUTHENTICATE, new AuthenticateRequest(mechanism.text(), proof));
            scram.verify(AuthenticateResponse.read(last, (short) 0).token());
        } catch (ScramException e) {
            throw new IOException("the broker is not trusted: " + e.getMessage(), e);
        }
    }

    private ByteBuffer call(PenstockApi api, PrivateMessage request) throws IOException {
        PrivateRequestHeader header = new PrivateRequestHeader(api.key(), (short) 0, ++correlationId, "penstock-cli");
        ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + header.sizeBytes() + request.sizeBytes());
        frame.putInt(frame.capacity() - Integer.BYTES);
        header.writeTo(frame);
        request.writeTo(frame);
        socket.getOutputStream().write(frame.array());

        DataInputStream in = new DataInputStream(socket.getInputStream());
        int length = in.readInt();
        if (length < 0 || length > REPLY_BYTES_MAX) {
            throw new IOException("the reply's length is " + length + "; is this a Penstock broker?");
        }
        ByteBuffer reply = ByteBuffer.wrap(in.readNBytes(length));
        PrivateResponseHeader result = PrivateResponseHeader.read(reply);
        if (result.error() != PenstockError.NONE) {
            throw new IOException(result.error() + ": " + result.message());
        }
        return reply;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
