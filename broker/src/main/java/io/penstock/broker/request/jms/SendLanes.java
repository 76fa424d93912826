package io.penstock.broker.request.jms;

import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.SendDurability;
import io.penstock.protocol.message.SendEntry;
import io.penstock.protocol.message.SendRequest;
import io.penstock.protocol.message.SendResponse;
import io.penstock.protocol.message.SendResult;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Sends of one connection to partitions that other brokers lead, or have come to lead: in the order of their batches, over
 * changes of the leader too, since the producers' sequences have one. What was under way when the leader went is sent again
 * one after the other; a batch that was stored already is known by its sequence. The connection's owner.
 */
final class SendLanes {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Appends where this broker leads. */
    interface Here {
        void append(Partition partition, SendEntry entry, boolean wait, Partition.AppendCallback then);
    }

    private final JmsConnection connection;
    private final CommitRoutes routes;
    private final Partitions partitions;
    private final Clock clock;
    private final Map<Place, Lane> lanes = new HashMap<>();

    private record Place(UUID topicId, int partition) {}

    SendLanes(JmsConnection connection, CommitRoutes routes, Partitions partitions, Clock clock) {
        this.connection = connection;
        this.routes = routes;
        this.partitions = partitions;
        this.clock = clock;
    }

    /** True while batches to the partition are under way here: later ones must follow them. */
    boolean isBusy(SendEntry entry) {
        return lanes.containsKey(new Place(entry.topicId(), entry.partition()));
    }

    void send(int sessionId, SendEntry entry, SendDurability durability, Here here, Consumer<SendResult> done) {
        Lane lane = lane(entry);
        lane.batches.add(batch(sessionId, entry, durability, here, done));
        lane.goOn();
    }

    /**
     * A batch that was under way here, not in a lane, when the partition's leader changed: it goes before all that came
     * later. Such batches come in their order.
     */
    void sendAgain(int sessionId, SendEntry entry, SendDurability durability, Here here, Consumer<SendResult> done) {
        Batch batch = batch(sessionId, entry, durability, here, done);
        batch.cameBack = true;
        lane(entry).cameBack(batch);
    }

    private Lane lane(SendEntry entry) {
        return lanes.computeIfAbsent(new Place(entry.topicId(), entry.partition()), Lane::new);
    }

    private Batch batch(
            int sessionId, SendEntry entry, SendDurability durability, Here here, Consumer<SendResult> done) {
        return new Batch(sessionId, entry, durability, here, done, clock.nanos() + PATIENCE_NANOS);
    }

    /** A batch that has not been answered. */
    private static final class Batch {
        final int sessionId;
        final SendEntry entry;
        final SendDurability durability;
        final Here here;
        final Consumer<SendResult> done;
        final long deadline;
        boolean underWay;
        /** It was under way before the lane was there. */
        boolean cameBack;

        Batch(
                int sessionId,
                SendEntry entry,
                SendDurability durability,
                Here here,
                Consumer<SendResult> done,
                long deadline) {
            this.sessionId = sessionId;
            this.entry = entry;
            this.durability = durability;
            this.here = here;
            this.done = done;
            this.deadline = deadline;
        }
    }

    private final class Lane {
        private final Place place;
        private final ArrayDeque<Batch> batches = new ArrayDeque<>();
        private int underWay;
        /** The leader has changed: one batch at a time until all that were under way then are answered. */
        private int oneByOne;

        private boolean paused;

        Lane(Place place) {
            this.place = place;
        }

        void cameBack(Batch batch) {
            ArrayDeque<Batch> later = new ArrayDeque<>();
            while (!batches.isEmpty() && !batches.peekLast().cameBack) {
                later.addFirst(batches.pollLast());
            }
            batches.add(batch);
            batches.addAll(later);
            oneByOne = batches.size();
            goOn();
        }

        void goOn() {
            if (paused) {
                return;
            }
            if (oneByOne > 0) {
                if (underWay == 0 && !batches.isEmpty()) {
                    begin(batches.peek());
                }
                return;
            }
            for (Batch batch : batches) {
                if (!batch.underWay) {
                    begin(batch);
                }
            }
        }

        private void begin(Batch batch) {
            batch.underWay = true;
            underWay++;
            int leader = routes.leader(place.topicId(), place.partition());
            Owner owner = connection.owner();
            if (leader == CommitRoutes.NOBODY) {
                boolean known = routes.isKnown(place.topicId(), place.partition());
                owner.execute(() -> ended(
                        batch,
                        new SendResult(
                                known ? PenstockError.NOT_LEADER : PenstockError.UNKNOWN_DESTINATION,
                                "nobody leads partition " + place.partition() + " of "
                                        + routes.topicName(place.topicId()),
                                -1,
                                -1)));
            } else if (leader == routes.self()) {
                partitions.with(
                        place.topicId(),
                        place.partition(),
                        partition -> batch.here.append(
                                partition,
                                batch.entry,
                                batch.durability == SendDurability.TOPIC,
                                (append, failure) -> owner.execute(() -> ended(
                                        batch,
                                        failure != null
                                                ? SendHandler.result(failure)
                                                : new SendResult(
                                                        PenstockError.NONE,
                                                        null,
                                                        append.baseOffset(),
                                                        append.appendTimeMillis())))),
                        failure -> owner.execute(() -> ended(batch, SendHandler.result(failure))));
            } else {
                connection
                        .relays()
                        .to(leader)
                        .ask(
                                PenstockApi.SEND,
                                new SendRequest(batch.sessionId, batch.durability, List.of(batch.entry)),
                                body -> ended(
                                        batch,
                                        SendResponse.read(body, (short) 0)
                                                .entries()
                                                .get(0)),
                                failure -> owner.execute(() -> ended(batch, SendHandler.result(failure))));
            }
        }

        private void ended(Batch batch, SendResult result) {
            batch.underWay = false;
            underWay--;
            boolean again = isPassing(result.error())
                    || (result.error() == PenstockError.OUT_OF_ORDER_SEQUENCE
                            && oneByOne > 0
                            && batches.peek() != batch);
            if (again && clock.nanos() - batch.deadline < 0 && connection.state() != JmsConnection.State.CLOSED) {
                oneByOne = batches.size();
                pause();
                return;
            }
            remove(batch);
            if (oneByOne > 0) {
                oneByOne--;
            }
            batch.done.accept(result);
            if (batches.isEmpty()) {
                lanes.remove(place, this);
            } else {
                goOn();
            }
        }

        private void remove(Batch batch) {
            for (Iterator<Batch> all = batches.iterator(); all.hasNext(); ) {
                if (all.next() == batch) {
                    all.remove();
                    return;
                }
            }
        }

        private void pause() {
            if (!paused) {
                paused = true;
                connection
                        .owner()
                        .schedule(
                                () -> {
                                    paused = false;
                                    goOn();
                                },
                                PAUSE_NANOS);
            }
        }
    }

    /** Another attempt, perhaps at another broker, may succeed. */
    static boolean isPassing(PenstockError error) {
        return switch (error) {
            case NOT_LEADER, TIMED_OUT, SHUTTING_DOWN -> true;
            default -> false;
        };
    }
}
