package io.penstock.broker.simulation;

import io.penstock.protocol.message.OpenConnectionRequest;
import io.penstock.protocol.message.OpenConnectionResponse;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateMessage;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** A JMS connection to one broker at a time: opened, lost, resumed with its token, as a JMS client does. */
final class JmsLink {
    private final ClientChannel channel;
    private String token;
    private int tokenBroker = -1;
    private int broker = -1;
    private boolean open;
    long firstProducerId = -1;

    /** @param lost runs when an open connection is gone */
    JmsLink(SimulatedCluster cluster, int machine, Runnable lost, Consumer<ByteBuffer> pushed) {
        this.channel = new ClientChannel(cluster, machine);
        channel.onLost(which -> {
            if (which == broker && open) {
                open = false;
                broker = -1;
                lost.run();
            }
        });
        channel.onPush((which, frame) -> {
            if (which == broker) {
                pushed.accept(frame);
            }
        });
    }

    int broker() {
        return broker;
    }

    boolean open() {
        return open;
    }

    /** @param opened whether the connection of before goes on; null when it could not be opened */
    void open(int to, Consumer<Boolean> opened) {
        broker = to;
        open = false;
        String resumes = to == tokenBroker ? token : null;
        channel.ask(
                to,
                PenstockApi.OPEN_CONNECTION,
                new OpenConnectionRequest(null, null, resumes),
                new ClientChannel.Outcome<>() {
                    @Override
                    public void answered(Frames.PrivateAnswer answer) {
                        if (answer.error() != PenstockError.NONE) {
                            close();
                            opened.accept(null);
                            return;
                        }
                        OpenConnectionResponse response = OpenConnectionResponse.read(answer.body(), (short) 0);
                        boolean resumed = response.token().equals(resumes);
                        token = response.token();
                        tokenBroker = to;
                        if (firstProducerId < 0) {
                            firstProducerId = response.firstProducerId();
                        }
                        open = true;
                        opened.accept(resumed);
                    }

                    @Override
                    public void failed() {
                        broker = -1;
                        opened.accept(null);
                    }
                });
    }

    void ask(PenstockApi api, PrivateMessage message, ClientChannel.Outcome<Frames.PrivateAnswer> outcome) {
        channel.ask(broker, api, message, outcome);
    }

    void tell(PenstockApi api, PrivateMessage message) {
        channel.tell(broker, api, message);
    }

    /** Closes the socket and says nothing; the token is kept. */
    void close() {
        int was = broker;
        broker = -1;
        open = false;
        channel.drop(was);
    }

    /** The process is another one. */
    void forget() {
        close();
        token = null;
        tokenBroker = -1;
    }
}
