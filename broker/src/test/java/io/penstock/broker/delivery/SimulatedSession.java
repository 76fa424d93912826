package io.penstock.broker.delivery;

import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordCursor;
import io.penstock.protocol.selector.Selector;
import io.penstock.protocol.selector.SelectorSyntaxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A client's session with one consumer: takes pushes, hands messages to its application, settles by its mode, and may
 * crash, be slow, or come back after the broker died.
 */
final class SimulatedSession implements DeliveryConsumer {

    /** How the application acknowledges. */
    enum Mode {
        AUTO,
        CLIENT,
        TRANSACTED
    }

    final SessionKey key;
    final int part;
    final String group;
    private final DeliverySimulation world;
    private final GroupModel model;
    private final Mode mode;
    /** Null for a consumer that takes everything. */
    private final String selector;

    private final int prefetch;
    private final long thinkNanos;
    /** Comes back with the same key when the broker has died. */
    final boolean returns;

    boolean gone;
    /** Its group was deleted; what it still says is about records of nobody. */
    boolean orphan;

    private int drainsAsked;
    int drainsDone;
    private SimulatedBroker connectedTo;
    private int credit;
    private long arrivesAt;
    private final ArrayDeque<Long> prefetched = new ArrayDeque<>();
    private OffsetRanges handed = new OffsetRanges();
    private boolean working;
    private boolean waiting;
    private long sequence;
    /** Settlements without an answer, by sequence, to be presented again. */
    private final Map<Long, OffsetRanges> unconfirmed = new HashMap<>();

    private final List<Long> unsent = new ArrayList<>();
    /** Commits that are decided, and not known to be applied. */
    final Map<Long, OffsetRanges> decided = new HashMap<>();

    SimulatedSession(
            DeliverySimulation world, SessionKey key, int part, String group, GroupModel model, boolean collector) {
        this.world = world;
        this.key = key;
        this.part = part;
        this.group = group;
        this.model = model;
        this.mode = collector ? Mode.AUTO : Mode.values()[world.random(3)];
        this.prefetch = collector ? 100 : 1 + world.random(world.percent(30) ? 60 : 6);
        this.thinkNanos = collector ? 10_000 : world.percent(15) ? 800_000_000L : 1_000_000L + world.random(30_000_000);
        this.selector = collector || !group.equals(SimulatedBroker.QUEUE)
                ? null
                : DeliverySimulation.SELECTORS.get(world.random(DeliverySimulation.SELECTORS.size()));
        this.returns = !collector && world.percent(50);
    }

    // ---- connection

    void connect() {
        SimulatedBroker broker = world.broker();
        if (gone || broker == null || connectedTo == broker) {
            return;
        }
        connectedTo = broker;
        credit = prefetch;
        toBroker(() -> {
            if (!gone) {
                broker.part(part).group(group).attach(this);
            }
        });
    }

    /**
     * After the broker's death: presents again, in order, what was not confirmed, then ends the session. A client that
     * does not return is forgotten by the broker when the grace is over.
     */
    void comeBack(SimulatedBroker broker) {
        connectedTo = broker;
        toBroker(() -> {
            broker.part(part).delivery.sessionResumed(key);
            new ArrayList<>(unconfirmed.keySet()).stream().sorted().forEach(each -> settleAtBroker(broker, each));
            gone = true;
            model.sessionEnded(key);
            broker.part(part).delivery.sessionEnded(key);
        });
    }

    private boolean serves(SimulatedBroker broker) {
        return !orphan && broker.part(part).serves(group);
    }

    /** The group is gone, and with it what the session holds. */
    void orphaned() {
        orphan = true;
        gone = true;
    }

    void disconnected() {
        connectedTo = null;
        prefetched.clear();
    }

    /** The client's process dies; the broker notices a little later. */
    void crash() {
        gone = true;
        SimulatedBroker broker = connectedTo;
        if (broker != null) {
            // Behind what its socket still holds.
            long wait = Math.max(arrivesAt - world.nanos(), 0);
            world.after(wait + 1_000_000 + world.random(20_000_000), () -> end(broker));
        }
    }

    void end(SimulatedBroker broker) {
        if (!broker.dead) {
            broker.owner.execute(() -> {
                if (orphan) {
                    return;
                }
                model.sessionEnded(key);
                if (world.sabotage() == DeliverySimulation.Sabotage.FORGET_SESSION_END) {
                    broker.part(part).group(group).detach(this, new OffsetRanges());
                } else {
                    broker.part(part).delivery.sessionEnded(key);
                }
                world.noteFlush(part, model);
            });
        }
    }

    private void toBroker(Runnable task) {
        SimulatedBroker broker = connectedTo;
        world.operation();
        long wait = Math.max(arrivesAt - world.nanos(), 0) + 20_000 + world.random(200_000);
        arrivesAt = world.nanos() + wait;
        world.after(wait, () -> {
            if (!broker.dead) {
                broker.owner.execute(() -> {
                    if (serves(broker)) {
                        task.run();
                        world.noteFlush(part, model);
                    }
                });
            }
        });
    }

    // ---- the consumer port, on the owner

    @Override
    public SessionKey session() {
        return key;
    }

    @Override
    public int consumerId() {
        return key.session();
    }

    @Override
    public Selector selector() {
        try {
            return selector == null ? null : Selector.compile(selector);
        } catch (SelectorSyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public int creditMessages() {
        return credit;
    }

    @Override
    public int creditBytes() {
        return 100_000;
    }

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public void deliver(Delivery delivery) {
        credit -= delivery.messages();
        ByteBuffer batches = ByteBuffer.allocate(delivery.sizeBytes());
        delivery.writeTo(batches);
        batches.flip();
        int range = 0;
        int found = 0;
        List<Long> offsets = new ArrayList<>();
        RecordCursor cursor = new RecordCursor();
        RecordBatch batch = new RecordBatch();
        for (int at = 0; at < batches.limit(); at = batch.end()) {
            cursor.open(batch.wrap(batches, at), 1 << 20);
            while (cursor.next()) {
                Record record = cursor.record();
                while (range < delivery.ranges() && delivery.last(range) < record.offset()) {
                    range++;
                }
                if (range < delivery.ranges() && delivery.first(range) <= record.offset()) {
                    String id = StandardCharsets.UTF_8.decode(record.value()).toString();
                    world.pushed(part, group, record.offset(), id);
                    if (!world.matches(part, record.offset(), selector)) {
                        throw new AssertionError(id + " is not for " + selector);
                    }
                    model.pushed(
                            key,
                            selector == null ? "" : selector,
                            other -> world.matches(part, other, selector),
                            record.offset(),
                            delivery.deliveryCount(range),
                            id);
                    offsets.add(record.offset());
                    found++;
                }
            }
        }
        if (found != delivery.messages()) {
            throw new AssertionError(delivery + " holds " + found + " acquired records");
        }
        SimulatedBroker from = connectedTo;
        long wait = Math.max(arrivesAt - world.nanos(), 0) + 50_000 + world.random(200_000);
        world.after(wait, () -> {
            if (connectedTo == from && !gone) {
                prefetched.addAll(offsets);
                work();
            }
        });
    }

    @Override
    public void drained(int drainId) {
        if (drainId != drainsAsked || drainsDone == drainsAsked) {
            throw new AssertionError("drain " + drainId + " is over, asked for was " + drainsAsked);
        }
        drainsDone = drainsAsked;
        world.drained();
    }

    @Override
    public void ended(EndReason reason, String message) {
        if (orphan) {
            world.endedByDeletion();
        } else if (reason == EndReason.GROUP_DELETED) {
            throw new AssertionError("nobody deleted " + group);
        }
        if (reason == EndReason.FAILED) {
            world.brokerFailed(connectedTo);
        }
    }

    // ---- the application

    private void work() {
        if (working || waiting || gone || connectedTo == null || prefetched.isEmpty()) {
            return;
        }
        working = true;
        long offset = prefetched.poll();
        handed.add(offset, offset);
        OffsetRanges mark = OffsetRanges.of(offset, offset);
        SimulatedBroker broker = connectedTo;
        toBroker(() -> {
            model.marked(key, mark);
            if (world.sabotage() != DeliverySimulation.Sabotage.FORGET_MARKS) {
                broker.part(part).group(group).mark(key, mark);
            }
        });
        world.after(world.random(2) == 0 ? thinkNanos / 10 : thinkNanos, () -> {
            if (connectedTo == broker && !gone) {
                working = false;
                worked();
                work();
            }
        });
    }

    private void worked() {
        if (mode == Mode.AUTO) {
            settle(true);
        } else if (handed.count() >= 1 + world.random(8) || prefetched.isEmpty()) {
            if (mode == Mode.TRANSACTED) {
                transact();
            } else {
                settle(!world.percent(12));
            }
        }
        if (world.percent(2)) {
            detachAndComeBack();
        }
        if (world.percent(2)) {
            drain();
        }
    }

    private void settle(boolean accept) {
        OffsetRanges ranges = handed;
        handed = new OffsetRanges();
        SimulatedBroker broker = connectedTo;
        if (accept) {
            long number = ++sequence;
            unconfirmed.put(number, ranges);
            unsent.add(number);
            // Several frames may be read in one turn of the broker.
            if (mode != Mode.AUTO || prefetched.isEmpty() || world.percent(70)) {
                List<Long> together = List.copyOf(unsent);
                unsent.clear();
                toBroker(() -> together.forEach(each -> settleAtBroker(broker, each)));
            }
        } else {
            boolean counted = world.percent(50);
            Settlements releases = counted ? Settlements.releaseCounted(ranges) : Settlements.release(ranges);
            long number = ++sequence;
            toBroker(() -> {
                model.releasing(key, ranges, counted);
                broker.part(part).group(group).settle(key, number, releases, (outcome, failure) -> {
                    released(broker, ranges, outcome, failure);
                });
            });
        }
        addCredit((int) ranges.count());
    }

    private void released(SimulatedBroker broker, OffsetRanges ranges, SettleOutcome outcome, IOException failure) {
        if (failure == null) {
            model.released(key, ranges, outcome.lost());
            world.noteFlush(part, model);
        } else if (!(failure instanceof DeliveryFailedException)
                && broker.part(part).delivery.working()) {
            model.releaseRefused(key, ranges, lives(broker));
        }
    }

    private boolean lives(SimulatedBroker broker) {
        GroupSession session = broker.part(part).group(group).state().session(key);
        return session != null && !session.ended;
    }

    private void settleAtBroker(SimulatedBroker broker, long number) {
        OffsetRanges ranges = unconfirmed.get(number);
        if (ranges == null) {
            return;
        }
        model.accepting(key, ranges);
        broker.part(part).group(group).settle(key, number, Settlements.accept(ranges), (outcome, failure) -> {
            if (failure == null) {
                model.accepted(key, ranges, outcome.lost());
                unconfirmed.remove(number);
            } else if (!(failure instanceof DeliveryFailedException)
                    && broker.part(part).delivery.working()) {
                model.acceptRefused(key, ranges, lives(broker));
                world.after(300_000_000L, () -> {
                    if (!broker.dead && connectedTo == broker && !gone) {
                        broker.owner.execute(() -> {
                            if (serves(broker)) {
                                settleAtBroker(broker, number);
                            }
                        });
                    }
                });
            }
        });
    }

    private void transact() {
        OffsetRanges ranges = handed;
        handed = new OffsetRanges();
        SimulatedBroker broker = connectedTo;
        waiting = true;
        long number = ++sequence;
        boolean commit = world.percent(80);
        toBroker(() -> {
            PreparedSettlement prepared;
            try {
                prepared = broker.part(part).group(group).prepareSettle(key, ranges);
            } catch (AcquisitionLostException e) {
                waiting = false;
                return;
            }
            model.prepared(key, ranges);
            world.after(world.random(3_000_000), () -> {
                if (broker.dead) {
                    return;
                }
                if (commit) {
                    decided.put(number, ranges);
                }
                broker.owner.execute(() -> {
                    if (serves(broker)) {
                        decide(broker, prepared, commit, number);
                        world.noteFlush(part, model);
                    }
                });
            });
        });
        addCredit((int) ranges.count());
    }

    private void decide(SimulatedBroker broker, PreparedSettlement prepared, boolean commit, long number) {
        OffsetRanges ranges = prepared.ranges();
        if (commit) {
            model.accepting(key, ranges);
            broker.part(part).group(group).commitSettle(prepared, number, (outcome, failure) -> {
                if (failure == null) {
                    model.accepted(key, ranges, outcome.lost());
                    decided.remove(number);
                }
                waiting = false;
                work();
            });
        } else {
            boolean lives = lives(broker);
            model.rolledBack(key, ranges, lives);
            broker.part(part).group(group).rollbackSettle(prepared);
            // Rollback gives the messages back, counted: the application had them.
            if (lives) {
                model.releasing(key, ranges, true);
                broker.part(part)
                        .group(group)
                        .settle(key, number, Settlements.releaseCounted(ranges), (outcome, failure) -> {
                            released(broker, ranges, outcome, failure);
                        });
            }
            waiting = false;
            work();
        }
    }

    private void addCredit(int messages) {
        SimulatedBroker broker = connectedTo;
        toBroker(() -> {
            credit += messages;
            broker.part(part).group(group).wake(this);
        });
    }

    void drain() {
        SimulatedBroker broker = connectedTo;
        toBroker(() -> broker.part(part).group(group).drain(this, ++drainsAsked));
    }

    /** Closes the consumer and opens it again, giving back what the application has not seen. */
    private void detachAndComeBack() {
        OffsetRanges back = new OffsetRanges();
        prefetched.forEach(offset -> back.add(offset, offset));
        prefetched.clear();
        SimulatedBroker broker = connectedTo;
        toBroker(() -> {
            if (broker.part(part).group(group).state().session(key) != null || back.isEmpty()) {
                model.releasedUnasked(key, back);
            }
            broker.part(part).group(group).detach(this, back);
            credit += (int) back.count();
            if (!gone) {
                broker.part(part).group(group).attach(this);
            }
        });
    }
}
