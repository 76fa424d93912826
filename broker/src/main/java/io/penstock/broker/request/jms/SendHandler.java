package io.penstock.broker.request.jms;

import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.request.ClientConnection.OutgoingFrame;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.SendDurability;
import io.penstock.protocol.message.SendEntry;
import io.penstock.protocol.message.SendRequest;
import io.penstock.protocol.message.SendResponse;
import io.penstock.protocol.message.SendResult;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogAppend;
import io.penstock.storage.time.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Send: appends each batch to its partition, answers when all are committed. The hot path of a blocking send: with the
 * partition owned by the connection's loop everything up to the append happens in this call, and the answer is written
 * in the pass that learns of the commit. Rule: write each topic.
 */
final class SendHandler extends JmsHandler {
    private final Partitions partitions;
    private final CommitRoutes routes;
    private final ExpiringQueues expiring;
    private final Clock clock;

    SendHandler(JmsGate gate, Partitions partitions, CommitRoutes routes, ExpiringQueues expiring) {
        super(PenstockApi.SEND, gate);
        this.partitions = partitions;
        this.routes = routes;
        this.expiring = expiring;
        this.clock = gate.clock();
    }

    @Override
    void serve(JmsCall call, ByteBuffer body) throws FrontException {
        SendRequest request = SendRequest.read(body, call.version());
        call.connection().session(request.sessionId());
        List<SendEntry> entries = request.entries();
        boolean wait = request.durability() == SendDurability.TOPIC;
        if (entries.isEmpty()) {
            throw FrontException.invalid("a send without an entry");
        }
        // The batch is a slice of the frame, and a partition may be opened first, or live on another loop.
        call.retain();
        if (goesElsewhere(call.connection(), entries)) {
            new RoutedSends(call, request).start();
        } else if (entries.size() == 1) {
            SendEntry entry = entries.get(0);
            OneSend one = new OneSend(call, request, entry);
            partitions.with(entry.topicId(), entry.partition(), one, one::failed);
        } else {
            new ManySends(call, entries, wait).start();
        }
    }

    /** A relayed send has come to who leads, or led: the client's broker looks further. */
    private boolean goesElsewhere(JmsConnection connection, List<SendEntry> entries) {
        if (connection.isRelayed() || routes.alone()) {
            return false;
        }
        SendLanes lanes = connection.lanesOrNull();
        for (SendEntry entry : entries) {
            if (routes.leader(entry.topicId(), entry.partition()) != routes.self()
                    || (lanes != null && lanes.isBusy(entry))) {
                return true;
            }
        }
        return false;
    }

    /** This broker led the partition when the request came, and does no more: the client need not know. */
    private boolean mayGoElsewhere(JmsCall call, Throwable failure) {
        return SendLanes.isPassing(FrontErrors.error(reason(failure)))
                && !call.connection().isRelayed()
                && !routes.alone();
    }

    private SendLanes lanes(JmsConnection connection) {
        return connection.lanes(() -> new SendLanes(connection, routes, partitions, clock));
    }

    /** A request whose partitions other brokers lead, some of them at least. */
    private final class RoutedSends {
        private final JmsCall call;
        private final SendRequest request;
        private final SendResult[] results;
        private int left;

        RoutedSends(JmsCall call, SendRequest request) {
            this.call = call;
            this.request = request;
            this.results = new SendResult[request.entries().size()];
            this.left = results.length;
        }

        void start() {
            JmsConnection connection = call.connection();
            SendLanes lanes = lanes(connection);
            for (int i = 0; i < results.length; i++) {
                int index = i;
                lanes.send(
                        request.sessionId(),
                        request.entries().get(i),
                        request.durability(),
                        (partition, entry, wait, then) -> append(call, partition, entry.batch(), wait, then),
                        result -> {
                            results[index] = result;
                            if (--left == 0) {
                                call.reply(new MessageFrame(new SendResponse(Arrays.asList(results))));
                            }
                        });
            }
        }
    }

    private void append(
            JmsCall call, Partition partition, ByteBuffer batch, boolean wait, Partition.AppendCallback then) {
        try {
            require(call, Authoriser.Right.WRITE, partition.topicName());
            ClientBatches.checkPlain(batch);
        } catch (FrontException e) {
            then.done(null, new RefusedSend(e));
            return;
        }
        expiring.sending(partition, batch);
        partition.append(batch, AppendOrigin.CLIENT, wait, then);
    }

    /** Carries a refusal of the front through an append's callback. */
    private static final class RefusedSend extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedSend(FrontException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private static Throwable reason(Throwable failure) {
        return failure instanceof RefusedSend ? failure.getCause() : failure;
    }

    /** A request with one entry, which is its own callback and its own answer: one object for a send. */
    private final class OneSend implements Consumer<Partition>, Partition.AppendCallback, OutgoingFrame {
        /** count int32 | error int16 | null string int16 | baseOffset int64 | appendTime int64. */
        private static final int BYTES = 4 + 2 + 2 + 8 + 8;

        private final JmsCall call;
        private final SendRequest request;
        private final SendEntry entry;
        private LogAppend append;

        OneSend(JmsCall call, SendRequest request, SendEntry entry) {
            this.call = call;
            this.request = request;
            this.entry = entry;
        }

        @Override
        public void accept(Partition partition) {
            append(call, partition, entry.batch(), request.durability() == SendDurability.TOPIC, this);
        }

        void failed(Throwable failure) {
            if (mayGoElsewhere(call, failure)) {
                call.connection().owner().execute(this::goElsewhere);
            } else {
                answer(result(failure));
            }
        }

        private void goElsewhere() {
            lanes(call.connection())
                    .sendAgain(
                            request.sessionId(),
                            entry,
                            request.durability(),
                            (partition, again, wait, then) -> append(call, partition, again.batch(), wait, then),
                            this::answer);
        }

        private void answer(SendResult result) {
            call.reply(new MessageFrame(new SendResponse(List.of(result))));
        }

        @Override
        public void done(LogAppend done, IOException failure) {
            if (failure != null) {
                failed(reason(failure));
            } else {
                append = done;
                call.reply(this);
            }
        }

        @Override
        public int sizeBytes() {
            return BYTES;
        }

        @Override
        public void writeTo(ByteBuffer dst) {
            dst.putInt(1).putShort((short) 0).putShort((short) -1);
            dst.putLong(append.baseOffset()).putLong(append.appendTimeMillis());
        }
    }

    /** A request with several entries, perhaps on several owners. */
    private final class ManySends {
        private final JmsCall call;
        private final List<SendEntry> entries;
        private final boolean wait;
        private final SendResult[] results;
        private final AtomicInteger left;

        ManySends(JmsCall call, List<SendEntry> entries, boolean wait) {
            this.call = call;
            this.entries = entries;
            this.wait = wait;
            this.results = new SendResult[entries.size()];
            this.left = new AtomicInteger(entries.size());
        }

        void start() {
            for (int i = 0; i < results.length; i++) {
                int index = i;
                SendEntry entry = entries.get(i);
                partitions.with(
                        entry.topicId(),
                        entry.partition(),
                        partition -> append(
                                call, partition, entry.batch(), wait, (done, failure) -> done(index, done, failure)),
                        failure -> done(index, null, failure));
            }
        }

        private void done(int index, LogAppend append, Throwable failure) {
            results[index] = failure != null
                    ? result(reason(failure))
                    : new SendResult(PenstockError.NONE, null, append.baseOffset(), append.appendTimeMillis());
            if (left.decrementAndGet() == 0) {
                call.reply(new MessageFrame(new SendResponse(Arrays.asList(results))));
            }
        }
    }

    static SendResult result(Throwable failure) {
        Throwable reason = reason(failure);
        return new SendResult(FrontErrors.error(reason), FrontErrors.message(reason), -1, -1);
    }
}
