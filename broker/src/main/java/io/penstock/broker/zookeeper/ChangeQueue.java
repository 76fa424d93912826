package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataException.Reason;
import io.penstock.broker.metadata.PersistentClusterImage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes that wait to be written. One multi is in flight at a time; what is asked for meanwhile goes into the
 * next one together, so that a burst shares its round trips and its forced writes. On the store's thread.
 *
 * <p>A multi of the controller checks the version of the controller epoch (invariant 7): when another broker was
 * elected meanwhile, nothing of it happens. A refused multi means that our image was stale: it is read again and the
 * changes are planned anew.
 */
final class ChangeQueue {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeQueue.class);

    static final int WAITING_MAX = 100_000;
    private static final int OPERATIONS_MAX = 1_500;
    /** ZooKeeper takes a megabyte in one request. */
    private static final int BYTES_MAX = 400_000;

    private static final int ATTEMPTS_MAX = 8;

    private final ZooKeeperMetadataStore store;
    private final Deque<Change<?>> waiting = new ArrayDeque<>();
    /** Written, and not yet shown by the image: the controller is another broker. */
    private final List<Change<?>> unseen = new ArrayList<>();

    private boolean inFlight;
    /** A multi was refused, and what it rests on has not been read again yet. */
    private boolean stale;
    /** Topics of the multi in flight, read on ZooKeeper's thread: their events tell nothing new. */
    private volatile Set<String> ownTopics = Set.of();

    ChangeQueue(ZooKeeperMetadataStore store) {
        this.store = store;
    }

    void add(Change<?> change) {
        if (waiting.size() >= WAITING_MAX) {
            change.future.completeExceptionally(
                    new MetadataException(Reason.UNAVAILABLE, WAITING_MAX + " changes wait for ZooKeeper already"));
            return;
        }
        waiting.add(change);
        proceed();
    }

    boolean isEmpty() {
        return waiting.isEmpty() && unseen.isEmpty() && !inFlight;
    }

    /** On ZooKeeper's thread: creation and deletion by the multi in flight need not be read back. */
    boolean known(WatchedEvent event) {
        Set<String> own = ownTopics;
        if (own.isEmpty() || event.getType() == EventType.NodeDataChanged) {
            return false;
        }
        String topic = ZNodes.childBelow(ZNodes.TOPICS, event.getPath());
        return own.contains(topic != null ? topic : ZNodes.childBelow(ZNodes.CONFIG_TOPICS, event.getPath()));
    }

    /** Writes what waits, unless a multi is in flight or the store is not ready. */
    void proceed() {
        if (inFlight || stale || waiting.isEmpty() || !store.ready()) {
            return;
        }
        Batch batch = assemble();
        if (!batch.changes.isEmpty()) {
            write(batch);
        }
    }

    /** The image is as new as ZooKeeper again. */
    void refreshed() {
        stale = false;
        proceed();
    }

    /** One multi in the making; {@code ends[i]} is where the operations of change i end. */
    private static final class Batch {
        final List<Change<?>> changes = new ArrayList<>();
        final List<Integer> ends = new ArrayList<>();
        final Writes writes = new Writes();
        final Set<String> topics = new HashSet<>();
        final NodeVersions versions;

        Batch(NodeVersions versions) {
            this.versions = versions;
        }
    }

    private Batch assemble() {
        Batch batch = new Batch(store.versions().planning());
        int epoch = store.controllerEpoch();
        // Others check it too: an ISR must not be changed over the head of a controller that we do not know yet.
        batch.writes.check(ZNodes.CONTROLLER_EPOCH, store.controllerEpochVersion());
        PersistentClusterImage working = store.image();
        while (!waiting.isEmpty()) {
            Change<?> change = waiting.poll();
            try {
                Writes writes = change.plan(working, epoch, store.deletionWishes(), batch.versions);
                if (writes.isEmpty()) {
                    settle(change);
                    continue;
                }
                boolean fits = batch.writes.count() + writes.count() <= OPERATIONS_MAX
                        && batch.writes.bytes() + writes.bytes() <= BYTES_MAX;
                if (!fits && !batch.changes.isEmpty()) {
                    waiting.addFirst(change);
                    break;
                }
                batch.changes.add(change);
                batch.writes.addAll(writes);
                batch.versions.planned(writes);
                batch.ends.add(batch.writes.count());
                if (change instanceof Change.CreateTopic || change instanceof Change.DeleteTopic) {
                    batch.topics.add(change.topicName());
                }
                working = change.apply(working);
            } catch (MetadataException e) {
                if (!batch.changes.isEmpty()) {
                    // Perhaps because of one that is not written yet: "exists" is said when everybody can see it.
                    waiting.addFirst(change);
                    break;
                }
                if (e.reason() == Reason.INVALID_REPLICATION_FACTOR && change.attempts++ == 0) {
                    // A broker that has just joined may not be in the image yet.
                    waiting.addFirst(change);
                    stale = true;
                    store.rereadMembers();
                    break;
                }
                change.future.completeExceptionally(e);
            }
        }
        return batch;
    }

    private void write(Batch batch) {
        inFlight = true;
        ownTopics = store.controllerEpoch() >= 0 ? batch.topics : Set.of();
        store.session()
                .change(batch.writes.operations(), () -> ownTopics = Set.of())
                .whenComplete((results, failure) -> {
                    inFlight = false;
                    if (failure == null) {
                        written(batch, results);
                    } else {
                        refused(batch, failure);
                    }
                    proceed();
                });
    }

    private void written(Batch batch, List<OpResult> results) {
        store.versions().add(batch.versions);
        PersistentClusterImage image = store.image();
        for (int i = 0; i < batch.changes.size(); i++) {
            Change<?> change = batch.changes.get(i);
            image = change.apply(image);
            if (change instanceof StateChange state) {
                OpResult.SetDataResult set = (OpResult.SetDataResult) results.get(batch.ends.get(i) - 1);
                store.wroteState(state.update(set.getStat().getMzxid()));
            } else {
                store.wroteHere(change.topicName());
            }
        }
        store.publish(image);
        batch.changes.forEach(this::settle);
    }

    private void settle(Change<?> change) {
        if (change.shown(store.image())) {
            change.complete(store.image());
        } else {
            unseen.add(change);
        }
    }

    private void refused(Batch batch, Throwable failure) {
        if (!(failure instanceof MultiFailure multi)) {
            batch.changes.forEach(change -> change.future.completeExceptionally(
                    new MetadataException(Reason.UNAVAILABLE, "ZooKeeper did not take the change", failure)));
            return;
        }
        LOG.debug("a multi of {} changes was refused at {}: {}", batch.changes.size(), multi.index(), multi.code());
        stale = true;
        if (!multi.uncertain()) {
            blame(batch, multi);
        }
        for (int i = batch.changes.size() - 1; i >= 0; i--) {
            Change<?> change = batch.changes.get(i);
            change.uncertain |= multi.uncertain();
            if (++change.attempts >= ATTEMPTS_MAX) {
                change.future.completeExceptionally(new MetadataException(
                        Reason.UNAVAILABLE, "ZooKeeper refused the change again and again: " + multi.code(), failure));
            } else {
                waiting.addFirst(change);
            }
        }
    }

    /** Has what the refused operation was about read again. The others only wait for that. */
    private void blame(Batch batch, MultiFailure multi) {
        for (int i = 0; i < batch.changes.size(); i++) {
            boolean its = multi.index() < batch.ends.get(i) && (i == 0 || multi.index() >= batch.ends.get(i - 1));
            String topic = batch.changes.get(i).topicName();
            if (its && topic != null && multi.index() > 0) {
                store.reread(topic);
                store.rereadMembers();
                return;
            }
        }
        if (multi.index() == 0) {
            store.rereadMembers();
        } else {
            store.rereadAll();
        }
    }

    /** A new image: those who waited for the controller may be served by it. */
    void imageChanged(PersistentClusterImage image) {
        if (!unseen.isEmpty()) {
            unseen.removeIf(change -> {
                boolean shown = change.shown(image);
                if (shown) {
                    change.complete(image);
                }
                return shown;
            });
        }
    }

    /** Gives up what is too late. What was written already may happen all the same, and the text says so. */
    void expire(long nowNanos) {
        expire(waiting.iterator(), nowNanos, "ZooKeeper cannot be reached; nothing was changed");
        expire(unseen.iterator(), nowNanos, "No controller has done it yet; it may still happen");
    }

    private static void expire(Iterator<Change<?>> changes, long nowNanos, String text) {
        while (changes.hasNext()) {
            Change<?> change = changes.next();
            if (nowNanos - change.deadlineNanos > 0) {
                changes.remove();
                change.future.completeExceptionally(new MetadataException(
                        Reason.UNAVAILABLE,
                        change.uncertain ? "ZooKeeper's answer was lost; it may have happened" : text));
            }
        }
    }

    void close() {
        MetadataException closed = new MetadataException(Reason.UNAVAILABLE, "The metadata store is closed");
        waiting.forEach(change -> change.future.completeExceptionally(closed));
        unseen.forEach(change -> change.future.completeExceptionally(closed));
        waiting.clear();
        unseen.clear();
    }
}
