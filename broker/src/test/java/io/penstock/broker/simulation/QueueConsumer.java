package io.penstock.broker.simulation;

import io.penstock.protocol.message.AcquiredRange;
import io.penstock.protocol.message.AttachRequest;
import io.penstock.protocol.message.AttachSource;
import io.penstock.protocol.message.CreditRequest;
import io.penstock.protocol.message.DeliverPush;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.HoldRequest;
import io.penstock.protocol.message.Mark;
import io.penstock.protocol.message.OffsetRange;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PushHeader;
import io.penstock.protocol.message.PushKind;
import io.penstock.protocol.message.SettleRequest;
import io.penstock.protocol.message.Settlement;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordCursor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;

/**
 * A JMS client with one session and one consumer on a partition of a queue: takes with credit, settles, now and then
 * gives back, crashes, and takes its session up again by the rules of docs/private-protocol.md ("Lives").
 */
final class QueueConsumer {
    private static final int SESSION = 1;
    private static final int CONSUMER = 1;

    private final World world;
    private final int machine;
    private final Place place;
    private final UUID topicId;
    private final QueueModel model;
    private final KnownLeaders leaders;
    private final JmsLink link;
    private final int credit;
    private final int thinkMillis;
    /** Counts the sessions: one that could not be taken up is another. */
    private int session;

    private long sequence;
    private final TreeSet<Long> held = new TreeSet<>();
    /** Settlements without an answer, by sequence. */
    private final Map<Long, Unanswered> unanswered = new LinkedHashMap<>();

    private boolean attached;
    /** The broker has ended the consumer before its session was taken up. */
    private boolean endedEarly;

    private boolean working;
    private boolean connecting;
    private long attempt;

    private record Unanswered(SettleRequest request, List<Long> offsets, boolean accepts) {}

    QueueConsumer(World world, int machine, Place place, UUID topicId) {
        this.world = world;
        this.machine = machine;
        this.place = place;
        this.topicId = topicId;
        this.model = world.queue(place);
        this.leaders = new KnownLeaders(world.cluster);
        this.link = new JmsLink(world.cluster, machine, this::lost, this::pushed);
        this.credit = 1 + world.random(20);
        this.thinkMillis = 1 + world.random(40);
    }

    private String who() {
        return "session " + machine + "/" + session;
    }

    // ---- the connection

    void connect() {
        int leader = leaders.of(place);
        if (connecting) {
            return;
        }
        connecting = true;
        if (leader < 0) {
            again(50);
            return;
        }
        attached = false;
        endedEarly = false;
        link.open(leader, resumed -> {
            if (resumed == null) {
                again(30);
            } else {
                if (!resumed) {
                    newSession();
                }
                attach(resumed);
            }
        });
    }

    private void again(int millis) {
        world.later(millis, () -> {
            connecting = false;
            connect();
        });
    }

    private void newSession() {
        session++;
        sequence = 0;
        held.clear();
        unanswered.clear();
    }

    private void attach(boolean resumed) {
        AttachRequest request = new AttachRequest(
                SESSION,
                CONSUMER,
                topicId,
                List.of(place.partition()),
                AttachSource.QUEUE,
                null,
                0,
                null,
                false,
                false,
                resumed ? 0 : credit,
                1 << 20);
        ask(PenstockApi.ATTACH, request, answer -> {
            if (answer == null || answer.error() != PenstockError.NONE) {
                link.close();
                again(50);
                return;
            }
            if (resumed) {
                takeUp();
            } else {
                attached();
            }
        });
    }

    /** Settlements without an answer again, then what is still held, then credit. */
    private void takeUp() {
        List<Map.Entry<Long, Unanswered>> left = new ArrayList<>(unanswered.entrySet());
        left.forEach(each -> settle(each.getKey(), each.getValue()));
        List<OffsetRange> ranges = new ArrayList<>();
        for (long offset : held) {
            ranges.add(new OffsetRange(offset, offset));
        }
        HoldRequest hold = new HoldRequest(SESSION, List.of(new Mark(CONSUMER, place.partition(), ranges)));
        ask(PenstockApi.HOLD, hold, answer -> {
            if (answer == null || answer.error() != PenstockError.NONE) {
                link.forget();
                again(50);
                return;
            }
            io.penstock.protocol.message.HoldResponse.read(answer.body(), (short) 0)
                    .lost()
                    .forEach(mark -> mark.ranges().forEach(range -> held.subSet(range.first(), true, range.last(), true)
                            .clear()));
            world.resumed++;
            int missing = credit - held.size();
            if (missing > 0) {
                link.tell(PenstockApi.CREDIT, new CreditRequest(CONSUMER, missing, 1 << 20, 0));
            }
            attached();
        });
    }

    private void attached() {
        connecting = false;
        if (endedEarly) {
            reconnect();
            return;
        }
        attached = true;
        attempt++;
        ping(attempt);
        work();
    }

    /** Keeps the lease, and finds out that nobody answers any more. */
    private void ping(long of) {
        world.later(700, () -> {
            if (of == attempt && attached && link.open()) {
                link.ask(
                        PenstockApi.PING,
                        new io.penstock.protocol.message.PingRequest(),
                        new ClientChannel.Outcome<>() {
                            @Override
                            public void answered(Frames.PrivateAnswer answer) {
                                ping(of);
                            }

                            @Override
                            public void failed() {
                                // The connection is given up with it.
                            }
                        });
            }
        });
    }

    private interface Answered {
        /** @param answer null when there was none */
        void with(Frames.PrivateAnswer answer);
    }

    private void ask(PenstockApi api, io.penstock.protocol.message.PrivateMessage request, Answered then) {
        link.ask(api, request, new ClientChannel.Outcome<>() {
            @Override
            public void answered(Frames.PrivateAnswer answer) {
                then.with(answer);
            }

            @Override
            public void failed() {
                then.with(null);
            }
        });
    }

    private void lost() {
        attached = false;
        world.later(world.random(100), this::connect);
    }

    /** Something else than the connection is wrong: begin anew. */
    private void reconnect() {
        attached = false;
        link.forget();
        world.later(20 + world.random(80), this::connect);
    }

    // ---- messages

    private void pushed(ByteBuffer frame) {
        ByteBuffer bytes = frame.duplicate();
        PushKind kind = PushHeader.read(bytes).kind();
        if (kind == PushKind.DELIVER) {
            DeliverPush push = DeliverPush.read(bytes, (short) 0);
            RecordCursor cursor = new RecordCursor();
            ByteBuffer batches = push.batches().slice();
            for (int at = 0; at < batches.limit(); ) {
                RecordBatch batch = RecordBatch.of(batches).wrap(batches, at);
                cursor.open(batch, 1 << 20);
                while (cursor.next()) {
                    long offset = cursor.record().offset();
                    for (AcquiredRange range : push.acquired()) {
                        if (offset >= range.first() && offset <= range.last()) {
                            world.truth(place).holds(offset, cursor.record().timestamp(), who());
                            held.add(offset);
                        }
                    }
                }
                at = batch.end();
            }
            work();
        } else if (kind == PushKind.CONSUMER_ERROR || kind == PushKind.CONNECTION_ERROR) {
            if (attached) {
                reconnect();
            } else {
                endedEarly = true;
            }
        }
    }

    private void work() {
        if (!working) {
            working = true;
            world.later(world.random(thinkMillis + 1), this::worked);
        }
    }

    private void worked() {
        working = false;
        if (!attached) {
            return;
        }
        List<Long> ready = new ArrayList<>(held);
        unanswered.values().stream().filter(each -> each.accepts).forEach(each -> ready.removeAll(each.offsets));
        if (ready.isEmpty()) {
            return;
        }
        if (world.faulty() && world.random(60) == 0) {
            crash();
            return;
        }
        List<Long> some = List.copyOf(ready.subList(0, 1 + world.random(ready.size())));
        boolean accepts = !world.faulty() || world.random(10) > 0;
        List<OffsetRange> ranges = new ArrayList<>();
        some.forEach(offset -> ranges.add(new OffsetRange(offset, offset)));
        Disposition disposition = accepts ? Disposition.ACCEPT : Disposition.RELEASE_COUNTED;
        long number = ++sequence;
        Unanswered settlement = new Unanswered(
                new SettleRequest(
                        SESSION,
                        number,
                        true,
                        List.of(),
                        List.of(new Settlement(CONSUMER, place.partition(), disposition, ranges))),
                some,
                accepts);
        unanswered.put(number, settlement);
        if (!accepts) {
            // Before the answer they may be here again.
            some.forEach(held::remove);
        }
        settle(number, settlement);
        work();
    }

    private void settle(long number, Unanswered settlement) {
        int of = session;
        String who = who();
        if (settlement.accepts) {
            model.settling(settlement.offsets);
        }
        ask(PenstockApi.SETTLE, settlement.request, answer -> {
            if (answer == null) {
                return; // again when the connection is back
            }
            if (answer.error() == PenstockError.NONE && settlement.accepts) {
                model.settled(settlement.offsets, who);
                world.progress();
            }
            if (of != session || unanswered.remove(number) == null) {
                return;
            }
            if (answer.error() == PenstockError.NONE) {
                if (settlement.accepts) {
                    settlement.offsets.forEach(held::remove);
                }
                link.tell(PenstockApi.CREDIT, new CreditRequest(CONSUMER, settlement.offsets.size(), 1 << 20, 0));
            } else if (attached) {
                reconnect();
            }
        });
    }

    private void crash() {
        world.clientCrashes++;
        attached = false;
        link.forget();
        newSession();
        world.later(world.random(500), this::connect);
    }

    @Override
    public String toString() {
        return who() + " of " + place + " at broker " + link.broker() + (attached ? "" : ", not attached") + ", holds "
                + held + ", waits for answers to " + unanswered.keySet();
    }
}
