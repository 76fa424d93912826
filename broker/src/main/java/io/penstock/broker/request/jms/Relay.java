package io.penstock.broker.request.jms;

import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.replication.PeerException;
import io.penstock.protocol.message.MalformedMessageException;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.RelayOpenRequest;
import io.penstock.protocol.message.RelayOpenResponse;
import io.penstock.protocol.message.RelayPollRequest;
import io.penstock.protocol.message.RelayPollResponse;
import io.penstock.protocol.message.RelayRequest;
import io.penstock.storage.time.Owner;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A client's connection as it is carried on at one other broker: requests there, pushes back.
 *
 * <pre>
 *   OPENING --opened--> OPEN --no answer, the other broker does not know it--> BROKEN
 * </pre>
 *
 * <p>What is asked while OPENING waits, and leaves in order. The connection's owner.
 */
final class Relay {
    private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(20);
    /** Longer than a broker's process stands still in good health. */
    private static final long POLLED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int POLL_MILLIS = 2_000;
    private static final int POLL_BYTES = 1 << 20;
    private static final int WAITING_MAX = 10_000;

    /** Told, on the owner, of pushes, and once of the end. */
    interface Listener {
        void pushed(Relay relay, ByteBuffer push);

        void broken(Relay relay, Throwable why);
    }

    private final int broker;
    private final PeerChannel peers;
    private final Owner owner;
    private final Listener listener;
    private ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private long id = -1;
    private boolean over;
    private boolean polling;

    private record Waiting(
            PenstockApi api, PrivateMessage body, Consumer<ByteBuffer> replied, Consumer<Throwable> failed) {}

    Relay(int broker, PeerChannel peers, Owner owner, Listener listener) {
        this.broker = broker;
        this.peers = peers;
        this.owner = owner;
        this.listener = listener;
    }

    int broker() {
        return broker;
    }

    boolean isOver() {
        return over;
    }

    void open(JmsConnection connection) {
        RelayOpenRequest request = new RelayOpenRequest(
                connection.number(),
                connection.token(),
                connection.clientId(),
                connection.principal(),
                connection.attempt());
        send(PenstockApi.RELAY_OPEN, request, body -> opened(RelayOpenResponse.read(body, (short) 0)), this::broke);
    }

    private void opened(RelayOpenResponse response) {
        id = response.relay();
        ArrayDeque<Waiting> asked = waiting;
        waiting = null;
        asked.forEach(each -> ask(each.api(), each.body(), each.replied(), each.failed()));
        if (polling && !over) {
            poll();
        }
    }

    /** Pushes are expected: asks for them from now on. */
    void listen() {
        if (!polling) {
            polling = true;
            if (waiting == null && !over) {
                poll();
            }
        }
    }

    private void poll() {
        send(
                PenstockApi.RELAY_POLL,
                new RelayPollRequest(id, POLL_MILLIS, POLL_BYTES),
                body -> {
                    for (ByteBuffer push :
                            RelayPollResponse.read(body, (short) 0).pushes()) {
                        if (!over) {
                            listener.pushed(this, push);
                        }
                    }
                    if (!over) {
                        poll();
                    }
                },
                this::broke);
    }

    /**
     * Asks the other broker.
     *
     * @param replied gets the reply's body, valid during the call
     * @param failed a {@link PeerException}; the relay is over unless the broker has refused
     */
    void ask(PenstockApi api, PrivateMessage body, Consumer<ByteBuffer> replied, Consumer<Throwable> failed) {
        if (over) {
            failed.accept(
                    new PeerException(PeerException.Reason.UNREACHABLE, "the relay to broker " + broker + " is over"));
        } else if (waiting != null && waiting.size() >= WAITING_MAX) {
            failed.accept(
                    new FrontException(PenstockError.LIMIT_EXCEEDED, "too many requests wait for broker " + broker));
        } else if (waiting != null) {
            waiting.add(new Waiting(api, body, replied, failed));
        } else {
            ByteBuffer bytes = ByteBuffer.allocate(body.sizeBytes());
            body.writeTo(bytes);
            send(PenstockApi.RELAY, new RelayRequest(id, api.key(), bytes.flip()), replied, failure -> {
                if (isRefusal(failure)) {
                    failed.accept(failure);
                    return;
                }
                broke(failure);
                // Not what the other broker says of the relay: whether the request was served is not known.
                failed.accept(new PeerException(PeerException.Reason.NO_ANSWER, FrontErrors.message(failure)));
            });
        }
    }

    /** The other broker has answered, and knows the relay. */
    private static boolean isRefusal(Throwable failure) {
        return failure instanceof PeerException peer
                && peer.reason() == PeerException.Reason.REFUSED
                && !(peer.error() == PenstockError.UNKNOWN_SESSION || peer.error() == PenstockError.NOT_AUTHENTICATED);
    }

    private void send(PenstockApi api, PrivateMessage body, Consumer<ByteBuffer> replied, Consumer<Throwable> failed) {
        long answerNanos = api == PenstockApi.RELAY_POLL ? POLLED_NANOS : ANSWER_NANOS;
        peers.send(broker, api, body, owner, answerNanos, new PeerChannel.PeerCallback() {
            @Override
            public void replied(PeerChannel.PeerReply reply) {
                try {
                    replied.accept(reply.body());
                } catch (MalformedMessageException e) {
                    failed.accept(new PeerException(PeerException.Reason.NO_ANSWER, e.toString()));
                }
            }

            @Override
            public void failed(PeerException failure) {
                failed.accept(failure);
            }
        });
    }

    private void broke(Throwable why) {
        if (over) {
            return;
        }
        over = true;
        ArrayDeque<Waiting> unasked = waiting;
        waiting = null;
        listener.broken(this, why);
        if (unasked != null) {
            unasked.forEach(each -> each.failed().accept(why));
        }
    }

    /** Nobody listens any more; the other broker is not told. */
    void drop() {
        over = true;
    }
}
