package io.penstock.jms.wire;

import io.penstock.jms.client.BrokerAddress;
import io.penstock.jms.client.ConnectionSettings;
import io.penstock.jms.transport.ConnectionLostException;
import io.penstock.jms.transport.FrameBody;
import io.penstock.jms.transport.LocalSockets;
import io.penstock.jms.transport.RemoteErrorException;
import io.penstock.jms.transport.Transport;
import io.penstock.jms.transport.TransportListener;
import io.penstock.jms.transport.TransportOptions;
import io.penstock.protocol.message.LocalSocketRequest;
import io.penstock.protocol.message.LocalSocketResponse;
import io.penstock.protocol.message.OpenConnectionRequest;
import io.penstock.protocol.message.OpenConnectionResponse;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PrivateMessage;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a connection to one broker: by its socket file where one is known, else by TCP. A broker that TCP has found on this
 * host, with nothing between, is asked for its file, and spoken to there from then on
 * (docs/decisions/0012-local-sockets.md). One for each attempt; the thread that connects.
 */
final class Introduction {
    private static final Logger LOG = LoggerFactory.getLogger(Introduction.class);
    private static final String CLIENT_NAME = "penstock-jms";
    private static final int FRAME_BYTES_MAX = 256 * 1024 * 1024;
    private static final LocalSockets LOCAL_SOCKETS = new LocalSockets();

    private final BrokerAddress broker;
    private final ConnectionSettings settings;
    private final String resumeToken;
    private final int attempt;
    private final TransportListener listener;
    private final TransportOptions options;

    /**
     * @param resumeToken of the connection that was lost, or null
     * @param attempt which one of the connection's it is
     */
    Introduction(
            BrokerAddress broker,
            ConnectionSettings settings,
            String resumeToken,
            int attempt,
            TransportListener listener) {
        this.attempt = attempt;
        this.broker = broker;
        this.settings = settings;
        this.resumeToken = resumeToken;
        this.listener = listener;
        this.options = new TransportOptions(
                CLIENT_NAME, settings.connectTimeoutMillis(), settings.callTimeoutMillis(), FRAME_BYTES_MAX);
    }

    /**
     * @throws IOException when nobody is there, or goes before he has answered
     * @throws JMSException when the broker refuses
     */
    WireConnection.Opened open() throws IOException, JMSException {
        Path known = settings.localSocket() ? LOCAL_SOCKETS.of(broker.host(), broker.port()) : null;
        WireConnection.Opened opened = known == null ? null : openLocally(known);
        return opened == null ? openByTcp() : opened;
    }

    /** Null when the broker is not there: it may have another file now, or none that this process may open. */
    private WireConnection.Opened openLocally(Path file) throws JMSException {
        try {
            Transport local = Transport.connectLocally(file, broker.host(), broker.port(), options, listener);
            WireConnection.Opened opened = introduce(local, () -> welcome(local, served(local)));
            LOCAL_SOCKETS.found(broker.host(), broker.port(), file);
            return opened;
        } catch (IOException e) {
            LOG.debug("{} is not reached by its socket file", broker, e);
            LOCAL_SOCKETS.gone(broker.host(), broker.port(), file);
            return null;
        }
    }

    private WireConnection.Opened openByTcp() throws IOException, JMSException {
        LateListener heard = new LateListener();
        Transport tcp = Transport.connect(broker.host(), broker.port(), options, heard);
        return introduce(tcp, () -> {
            Set<PenstockApi> served = served(tcp);
            Path file = socketFile(tcp, served);
            WireConnection.Opened opened = file == null ? null : openLocally(file);
            if (opened != null) {
                tcp.close("the broker is spoken to by its socket file");
                return opened;
            }
            heard.hearFor(listener);
            return welcome(tcp, served);
        });
    }

    private interface Steps {
        WireConnection.Opened take() throws IOException, JMSException;
    }

    /** Closes the transport unless all has gone well. */
    private static WireConnection.Opened introduce(Transport transport, Steps steps)
            throws JMSException, ConnectionLostException {
        boolean done = false;
        try {
            WireConnection.Opened opened = steps.take();
            done = true;
            return opened;
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

    private WireConnection.Opened welcome(Transport transport, Set<PenstockApi> served)
            throws IOException, JMSException {
        boolean named = settings.user() != null && !settings.user().isEmpty();
        // A broker without users does not list it, and may let in without a login.
        if (named && served.contains(PenstockApi.AUTHENTICATE)) {
            new ScramLogin(settings, transport.peer(), step -> ask(transport, PenstockApi.AUTHENTICATE, step)).run();
        }
        OpenConnectionRequest request =
                new OpenConnectionRequest(settings.clientId(), settings.user(), resumeToken, attempt);
        return new WireConnection.Opened(
                transport,
                broker,
                OpenConnectionResponse.read(ask(transport, PenstockApi.OPEN_CONNECTION, request), (short) 0));
    }

    /** Null when there is none, or something lies between this client and the broker that its socket file would leave out. */
    private Path socketFile(Transport tcp, Set<PenstockApi> served) throws IOException {
        if (!settings.localSocket() || !served.contains(PenstockApi.LOCAL_SOCKET) || !tcp.isByLoopback()) {
            return null;
        }
        try {
            LocalSocketResponse told =
                    LocalSocketResponse.read(ask(tcp, PenstockApi.LOCAL_SOCKET, new LocalSocketRequest()), (short) 0);
            boolean straight = tcp.isBetween(told.clientPort(), told.brokerPort());
            return told.path() == null || !straight ? null : Path.of(told.path());
        } catch (RemoteErrorException | InvalidPathException e) {
            LOG.debug("{} does not tell its socket file", broker, e);
            return null;
        }
    }

    private ByteBuffer ask(Transport transport, PenstockApi api, PrivateMessage request) throws IOException {
        return get(transport.request(api.key(), (short) 0, Calls.body(request)));
    }

    /** To be let in is a part of connecting: another broker may be quicker. */
    private ByteBuffer get(CompletableFuture<ByteBuffer> reply) throws IOException {
        int limitMillis = Math.min(settings.connectTimeoutMillis(), settings.callTimeoutMillis());
        try {
            return reply.get(limitMillis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new ConnectionLostException("no answer within " + limitMillis + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the connecting thread was interrupted", e);
        }
    }

    /** Kafka's table: int16 error, int32 count, then key, lowest and highest version of each. */
    private Set<PenstockApi> served(Transport transport) throws IOException {
        ByteBuffer table = get(transport.request(Transport.API_VERSIONS, (short) 0, FrameBody.EMPTY));
        Set<PenstockApi> served = EnumSet.noneOf(PenstockApi.class);
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
                    .ifPresent(served::add);
        }
        if (served.isEmpty()) {
            throw new IOException("the peer speaks Kafka's protocol and not Penstock's; is it a Penstock broker?");
        }
        // What the broker does not list is asked for in vain, and then the answer names it.
        return served;
    }
}
