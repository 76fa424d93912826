package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.Election;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.PersistentClusterImage;
import io.penstock.broker.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.zookeeper.OpResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What only the elected controller does: elects leaders when brokers come and go, completes topics that other brokers
 * named, fulfils wishes for deletion, and tells the others. On the store's thread.
 *
 * <p>It keeps no state that matters: what is to be done follows from the image ({@link Election}), so that the next
 * controller goes on where this one stopped. Partitions without a leader come first. Several multis of bounded size
 * are under way at a time; each checks the controller epoch (invariant 7) and the version of every state. A refused one is looked into by reading its states again; meanwhile the others go on.
 */
final class Controller {
    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);
    private static final int STATES_IN_ONE_MULTI = 600;
    private static final int BYTES_IN_ONE_MULTI = 400_000;
    private static final int MULTIS_IN_FLIGHT_MAX = 4;
    private static final int NAMED_MAX = 20;

    private final ZooKeeperMetadataStore store;
    /** Partitions to look at, those without a leader first. */
    private final Set<PartitionKey> urgent = new LinkedHashSet<>();

    private final Set<PartitionKey> waiting = new LinkedHashSet<>();
    /** Those of {@link #waiting} that their first replica shall lead. */
    private final Set<PartitionKey> preferring = new HashSet<>();

    private final Set<PartitionKey> underWay = new HashSet<>();
    private int multis;
    private ClusterImage looked;
    private int lookedEpoch = -1;
    private long begunNanos = -1;
    private int written;

    Controller(ZooKeeperMetadataStore store) {
        this.store = store;
    }

    /** One state that is to be written. */
    private record Decision(PartitionKey key, TopicImage topic, PartitionImage before, PartitionImage after) {}

    /** Looks at what is new in the image, and writes what follows from it; is called after each new image. */
    void pass(Map<String, UUID> wishes) {
        int epoch = store.controllerEpoch();
        if (epoch < 0 || !store.ready()) {
            forget();
            return;
        }
        for (Map.Entry<String, UUID> wish : wishes.entrySet()) {
            store.fulfil(wish.getKey(), wish.getValue());
        }
        PersistentClusterImage image = store.image();
        boolean everything = looked == null || lookedEpoch != epoch || !sameRules(looked, image);
        look(image, everything ? image.topics() : image.changesSince(looked).changed());
        looked = image;
        lookedEpoch = epoch;
        write();
    }

    /** Out of office: whoever is in it decides from the image. */
    private void forget() {
        looked = null;
        urgent.clear();
        waiting.clear();
        preferring.clear();
    }

    /** Decisions depend on the topics themselves, who lives, and settings of all brokers. */
    private static boolean sameRules(ClusterImage before, ClusterImage now) {
        return before == now
                || Set.copyOf(before.brokers()).equals(Set.copyOf(now.brokers()))
                        && before.brokerConfig(-1).equals(now.brokerConfig(-1));
    }

    private void look(PersistentClusterImage image, Collection<TopicImage> topics) {
        for (TopicImage topic : topics) {
            for (PartitionImage partition : topic.partitions()) {
                PartitionImage after = store.rules().settled(image, topic, partition);
                if (after != partition) {
                    boolean leaderless = after.leaderEpoch() != partition.leaderEpoch();
                    (leaderless ? urgent : waiting).add(new PartitionKey(topic.name(), topic.id(), partition.index()));
                }
            }
        }
    }

    /** Gives partitions to their first replicas where a broker leads too few of those that it should. */
    void balance(int percentage) {
        if (store.controllerEpoch() < 0 || !store.ready()) {
            return;
        }
        PersistentClusterImage image = store.image();
        Map<Integer, Integer> should = new HashMap<>();
        Map<Integer, List<PartitionKey>> missing = new HashMap<>();
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.replicated()) {
                    int preferred = partition.replicas().get(0);
                    should.merge(preferred, 1, Integer::sum);
                    if (Election.prefer(image, partition, store.rules().minIsr(topic))
                            .isPresent()) {
                        missing.computeIfAbsent(preferred, id -> new ArrayList<>())
                                .add(new PartitionKey(topic.name(), topic.id(), partition.index()));
                    }
                }
            }
        }
        missing.forEach((broker, keys) -> {
            if (keys.size() * 100L > (long) percentage * should.get(broker)) {
                LOG.info("broker {} gets the leadership of {} partitions back", broker, keys.size());
                waiting.addAll(keys);
                preferring.addAll(keys);
            }
        });
        write();
    }

    private void write() {
        while (multis < MULTIS_IN_FLIGHT_MAX && store.controllerEpoch() >= 0 && store.ready()) {
            Writes writes = new Writes().check(ZNodes.CONTROLLER_EPOCH, store.controllerEpochVersion());
            Map<Integer, Decision> decisions = new HashMap<>();
            assemble(writes, decisions, urgent);
            assemble(writes, decisions, waiting);
            if (decisions.isEmpty()) {
                break;
            }
            send(writes, decisions);
        }
        if (multis == 0 && begunNanos >= 0) {
            LOG.info("the controller wrote {} states in {} ms", written, (store.nowNanos() - begunNanos) / 1_000_000);
            begunNanos = -1;
            written = 0;
        }
    }

    private void assemble(Writes writes, Map<Integer, Decision> decisions, Set<PartitionKey> from) {
        PersistentClusterImage image = store.image();
        Set<UUID> checked = new HashSet<>();
        decisions.values().forEach(decision -> checked.add(decision.topic.id()));
        Iterator<PartitionKey> keys = from.iterator();
        while (keys.hasNext() && decisions.size() < STATES_IN_ONE_MULTI && writes.bytes() < BYTES_IN_ONE_MULTI) {
            PartitionKey key = keys.next();
            if (underWay.contains(key)) {
                continue;
            }
            keys.remove();
            Decision decision = decide(image, key);
            if (decision == null) {
                continue;
            }
            byte[] value = ZNodeJson.state(decision.after, store.controllerEpoch());
            String path = ZNodes.state(key.topic(), key.index());
            if (decision.before.leaderEpoch() == ClusterLoader.NO_EPOCH) {
                // Another broker may have made the topic anew. Existing states need no such check: nobody else deletes
                // or
                // makes them while this epoch is in office.
                if (decision.topic.partitions().get(0).replicated() && checked.add(key.topicId())) {
                    writes.check(ZNodes.identity(key.topic(), key.topicId()), -1);
                }
                writes.create(ZNodes.partition(key.topic(), key.index()), null);
                decisions.put(writes.count(), decision);
                writes.create(path, value);
            } else {
                decisions.put(writes.count(), decision);
                writes.set(path, value, decision.before.version());
            }
            underWay.add(key);
        }
    }

    private Decision decide(PersistentClusterImage image, PartitionKey key) {
        TopicImage topic = image.topic(key.topicId()).orElse(null);
        if (topic == null || key.index() >= topic.partitions().size()) {
            preferring.remove(key);
            return null;
        }
        PartitionImage before = topic.partitions().get(key.index());
        PartitionImage after = store.rules().settled(image, topic, before);
        if (preferring.remove(key) && after == before) {
            after = Election.prefer(image, before, store.rules().minIsr(topic)).orElse(before);
        }
        return after == before ? null : new Decision(key, topic, before, after);
    }

    private void send(Writes writes, Map<Integer, Decision> decisions) {
        if (begunNanos < 0) {
            begunNanos = store.nowNanos();
        }
        multis++;
        int epoch = store.controllerEpoch();
        store.session().change(writes).whenComplete((results, failure) -> {
            multis--;
            if (failure == null) {
                written(decisions, results, epoch);
            } else {
                refused(decisions, failure);
            }
        });
    }

    private void written(Map<Integer, Decision> decisions, List<OpResult> results, int epoch) {
        written += decisions.size();
        List<StateUpdate> updates = new ArrayList<>(decisions.size());
        List<String> losses = new ArrayList<>();
        decisions.forEach((index, decision) -> {
            underWay.remove(decision.key);
            updates.add(update(decision, results.get(index)));
            if (Election.possibleLoss(store.image(), decision.before, decision.after)) {
                losses.add(decision.key.topic() + "-" + decision.key.index());
            }
        });
        if (!losses.isEmpty()) {
            LOG.error(
                    "{} partitions are led by replicas that may have lost acknowledged records, since nobody is left who"
                            + " certainly has them all: {}",
                    losses.size(),
                    losses.subList(0, Math.min(losses.size(), NAMED_MAX)));
        }
        store.apply(updates);
        store.tell(updates, epoch);
        write();
    }

    private static StateUpdate update(Decision decision, OpResult result) {
        return result instanceof OpResult.SetDataResult set
                ? new StateUpdate(
                        decision.key,
                        decision.after.withVersion(set.getStat().getVersion()),
                        set.getStat().getMzxid())
                : new StateUpdate(decision.key, decision.after.withVersion(0), 0);
    }

    /** Somebody was faster with one of them: all are read again, and then decided anew. */
    private void refused(Map<Integer, Decision> decisions, Throwable failure) {
        LOG.debug("a multi of {} states goes round again: {}", decisions.size(), failure.getMessage());
        boolean outOfOffice = failure instanceof MultiFailure multi && multi.index() == 0;
        if (outOfOffice) {
            store.rereadMembers();
        }
        List<PartitionKey> keys = decisions.values().stream().map(Decision::key).toList();
        store.rereadStates(keys, () -> {
            keys.forEach(underWay::remove);
            looked = outOfOffice ? null : looked;
            waiting.addAll(keys);
            write();
        });
    }

    /** A session's end: nothing of it is under way any more. */
    void sessionEnded() {
        underWay.clear();
        forget();
    }
}
