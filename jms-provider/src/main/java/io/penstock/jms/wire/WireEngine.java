package io.penstock.jms.wire;

import io.penstock.jms.client.BrokerAddress;
import io.penstock.jms.client.ClientConnection;
import io.penstock.jms.client.ClientEngine;
import io.penstock.jms.client.ConnectionObserver;
import io.penstock.jms.client.ConnectionSettings;
import io.penstock.jms.message.DeserializationPolicy;
import io.penstock.jms.transport.ConnectionLostException;
import io.penstock.jms.transport.FrameBody;
import io.penstock.jms.transport.Transport;
import io.penstock.jms.transport.TransportListener;
import io.penstock.jms.transport.TransportOptions;
import io.penstock.protocol.message.OpenConnectionRequest;
import io.penstock.protocol.message.OpenConnectionResponse;
import io.penstock.protocol.message.PenstockApi;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The engine of the private protocol. Immutable; any thread. */
public final class WireEngine implements ClientEngine {
    private static final String CLIENT_NAME = "penstock-jms";
    private static final int FRAME_BYTES_MAX = 256 * 1024 * 1024;

    private final DeserializationPolicy policy;

    /** @param policy what ObjectMessages may hold */
    public WireEngine(DeserializationPolicy policy) {
        this.policy = policy;
    }

    DeserializationPolicy policy() {
        return policy;
    }

    @Override
    public ClientConnection connect(ConnectionSettings settings, ConnectionObserver observer) throws JMSException {
        WireConnection connection = new WireConnection(this, settings, observer);
        connection.open();
        return connection;
    }

    /**
     * Tries the brokers in turn; the first that answers is taken. One that goes before it has answered is as good as one
     * that cannot be reached.
     *
     * @param resumeToken of the connection that was lost, or null
     */
    WireConnection.Opened open(ConnectionSettings settings, String resumeToken, TransportListener listener)
            throws JMSException {
        JMSException last = null;
        for (BrokerAddress broker : settings.brokers()) {
            try {
                TransportOptions options = new TransportOptions(
                        CLIENT_NAME, settings.connectTimeoutMillis(), settings.callTimeoutMillis(), FRAME_BYTES_MAX);
                return introduce(
                        Transport.connect(broker.host(), broker.port(), options, listener), settings, resumeToken);
            } catch (IOException e) {
                JMSException failed = ErrorTable.translate(e, "connecting to " + broker);
                if (last != null) {
                    failed.addSuppressed(last);
                }
                last = failed;
            }
        }
        throw last;
    }

    private static WireConnection.Opened introduce(Transport transport, ConnectionSettings settings, String resumeToken)
            throws JMSException, ConnectionLostException {
        boolean done = false;
        try {
            checkVersions(get(transport.request(Transport.API_VERSIONS, (short) 0, FrameBody.EMPTY), settings));
            OpenConnectionRequest request =
                    new OpenConnectionRequest(settings.clientId(), settings.user(), settings.password(), resumeToken);
            OpenConnectionResponse welcome = OpenConnectionResponse.read(
                    get(transport.request(PenstockApi.OPEN_CONNECTION.key(), (short) 0, Calls.body(request)), settings),
                    (short) 0);
            done = true;
            return new WireConnection.Opened(transport, welcome);
        } catch (ConnectionLostException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw ErrorTable.translate(e, "opening a connection to " + transport.peer());
        } finally {
            if (!done) {
                transport.close("the broker did not accept the connection");
            }
        }
    }

    private static ByteBuffer get(CompletableFuture<ByteBuffer> reply, ConnectionSettings settings) throws IOException {
        try {
            return reply.get(settings.callTimeoutMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + settings.callTimeoutMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the connecting thread was interrupted", e);
        }
    }

    /** Kafka's table: int16 error, int32 count, then key, lowest and highest version of each. */
    private static void checkVersions(ByteBuffer table) throws IOException {
        Set<PenstockApi> missing = EnumSet.allOf(PenstockApi.class);
        short error = table.getShort();
        int count = table.getInt();
        if (error != 0 || count < 0 || count > table.remaining() / 6) {
            throw new IOException("the peer's table of api versions makes no sense (error " + error + ")");
        }
        for (int i = 0; i < count; i++) {
            short key = table.getShort();
            short lowest = table.getShort();
            short highest = table.getShort();
            PenstockApi.of(key)
                    .filter(api -> lowest <= api.highestVersion() && api.lowestVersion() <= highest)
                    .ifPresent(missing::remove);
        }
        if (missing.size() == PenstockApi.values().length) {
            throw new IOException("the peer speaks Kafka's protocol and not Penstock's; is it a Penstock broker?");
        }
        // What the broker does not list is asked for in vain, and then the answer names it.
    }
}
