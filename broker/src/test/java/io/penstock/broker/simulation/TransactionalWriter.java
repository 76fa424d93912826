package io.penstock.broker.simulation;

import io.penstock.storage.simulation.TestBatches;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopicCollection;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * A transactional producer of version 1 of the protocol. Whatever goes wrong, it gives the transaction up and begins with
 * InitProducerId again; what it had sent may arrive late.
 */
final class TransactionalWriter {
    private static final int FIND_VERSION = 3;
    private static final int INIT_VERSION = 4;
    private static final int ADD_VERSION = 3;
    private static final int PRODUCE_VERSION = 9;
    private static final int END_VERSION = 3;
    private static final int TIMEOUT_MILLIS = 4000;
    private static final long IMPATIENCE_NANOS = SimulatedCluster.SECOND * 2 / 5;

    private final World world;
    private final ClientChannel channel;
    private final KnownLeaders leaders;
    private final String name;
    private final List<Place> places;
    private final Map<Place, Integer> sequences = new HashMap<>();
    private String id;
    private int applications;
    private int coordinator;
    private long producerId = -1;
    private short epoch = -1;
    private int transactions;
    private boolean idle;
    private TransactionModel.Transaction current;

    TransactionalWriter(World world, int machine, String name, List<Place> places) {
        this.world = world;
        this.channel = new ClientChannel(world.cluster, machine, IMPATIENCE_NANOS);
        this.leaders = new KnownLeaders(world.cluster);
        this.name = name;
        this.id = name;
        this.places = places;
    }

    private void ask(int broker, ApiKeys key, int version, ApiMessage request, Consumer<ApiMessage> then) {
        ask(broker, key, version, request, then, this::giveUp);
    }

    private void ask(
            int broker,
            ApiKeys key,
            int version,
            ApiMessage request,
            Consumer<ApiMessage> then,
            Runnable withoutAnswer) {
        channel.ask(broker, key, version, request, new ClientChannel.Outcome<>() {
            @Override
            public void answered(ApiMessage answer) {
                then.accept(answer);
            }

            @Override
            public void failed() {
                withoutAnswer.run();
            }
        });
    }

    /** Nothing more is known of the transaction; the next InitProducerId ends it. */
    private void giveUp() {
        world.later(20 + world.random(100), this::start);
    }

    /** Its last transaction is over, and it begins no other. */
    boolean idle() {
        return idle;
    }

    void start() {
        FindCoordinatorRequestData request =
                new FindCoordinatorRequestData().setKey(id).setKeyType((byte) 1);
        ask(1 + world.random(world.cluster.size), ApiKeys.FIND_COORDINATOR, FIND_VERSION, request, answer -> {
            FindCoordinatorResponseData found = (FindCoordinatorResponseData) answer;
            if (found.errorCode() != 0) {
                giveUp();
                return;
            }
            coordinator = found.nodeId();
            init();
        });
    }

    private void init() {
        InitProducerIdRequestData request = new InitProducerIdRequestData()
                .setTransactionalId(id)
                .setTransactionTimeoutMs(TIMEOUT_MILLIS)
                .setProducerId(producerId)
                .setProducerEpoch(epoch);
        ask(coordinator, ApiKeys.INIT_PRODUCER_ID, INIT_VERSION, request, answer -> {
            InitProducerIdResponseData made = (InitProducerIdResponseData) answer;
            Errors error = Errors.forCode(made.errorCode());
            if (error != Errors.NONE) {
                if (error == Errors.PRODUCER_FENCED || error == Errors.INVALID_PRODUCER_EPOCH) {
                    // By its own earlier request, or the time-out; as an application that starts anew.
                    producerId = -1;
                    epoch = -1;
                }
                giveUp();
                return;
            }
            if (current != null) {
                current.abortedOrUnknown();
                current = null;
            }
            producerId = made.producerId();
            epoch = made.producerEpoch();
            sequences.clear();
            next();
        });
    }

    private void next() {
        if (world.enough()) {
            idle = true;
            return;
        }
        current = world.transactions().begin(id + "#" + transactions++);
        List<Place> in =
                places.size() > 1 && world.percent(60) ? places : List.of(places.get(world.random(places.size())));
        add(in);
    }

    private void add(List<Place> in) {
        AddPartitionsToTxnTopicCollection topics = new AddPartitionsToTxnTopicCollection();
        topics.add(new AddPartitionsToTxnTopic()
                .setName(in.get(0).topic())
                .setPartitions(in.stream().map(Place::partition).toList()));
        AddPartitionsToTxnRequestData request = new AddPartitionsToTxnRequestData()
                .setV3AndBelowTransactionalId(id)
                .setV3AndBelowProducerId(producerId)
                .setV3AndBelowProducerEpoch(epoch)
                .setV3AndBelowTopics(topics);
        ask(coordinator, ApiKeys.ADD_PARTITIONS_TO_TXN, ADD_VERSION, request, answer -> {
            Errors error = Errors.forCode(((AddPartitionsToTxnResponseData) answer)
                    .resultsByTopicV3AndBelow()
                    .iterator()
                    .next()
                    .resultsByPartition()
                    .iterator()
                    .next()
                    .partitionErrorCode());
            if (error == Errors.CONCURRENT_TRANSACTIONS) {
                world.later(20, () -> add(in));
            } else if (error == Errors.NONE) {
                produce(new ArrayList<>(in));
            } else {
                giveUp();
            }
        });
    }

    private void produce(List<Place> left) {
        if (left.isEmpty()) {
            end();
            return;
        }
        Place place = left.remove(0);
        long record = world.nextIds(1);
        current.sends(record);
        produce(place, record, left, 20);
    }

    private void produce(Place place, long record, List<Place> left, int tries) {
        int leader = leaders.of(place);
        if (leader < 0 || tries == 0) {
            giveUp();
            return;
        }
        int sequence = sequences.getOrDefault(place, 0);
        var request = KafkaTransport.request(
                        place,
                        TestBatches.batch()
                                .timestamps(record)
                                .attributes(16)
                                .producer(producerId, epoch, sequence)
                                .build())
                .setTransactionalId(id);
        TransactionModel.Transaction of = current;
        ask(
                leader,
                ApiKeys.PRODUCE,
                PRODUCE_VERSION,
                request,
                answer -> {
                    PartitionProduceResponse row = ((ProduceResponseData) answer)
                            .responses()
                            .iterator()
                            .next()
                            .partitionResponses()
                            .get(0);
                    switch (Errors.forCode(row.errorCode())) {
                        case NONE -> {
                            world.truth(place).holds(row.baseOffset(), record, name);
                            of.wrote(record, place);
                            sequences.put(place, sequence + 1);
                            produce(left);
                        }
                        case NOT_ENOUGH_REPLICAS, NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS_AFTER_APPEND ->
                            world.later(20, () -> produce(place, record, left, tries - 1));
                        default -> giveUp();
                    }
                },
                this::abort);
    }

    /** A batch may be under way still: the transaction is ended by the epoch that it has, and then the epoch is left. */
    private void abort() {
        ask(coordinator, ApiKeys.END_TXN, END_VERSION, ending(false), answer -> {
            if (((EndTxnResponseData) answer).errorCode() == 0) {
                current.abortedOrUnknown();
                current = null;
            }
            if (world.faulty() && world.random(2) == 0) {
                anotherApplication();
            }
            start();
        });
    }

    /** Takes its place and knows nothing of it. This one does not come back: what it has sent is nobody's any more, and must not keep readers waiting. */
    private void anotherApplication() {
        id = name + "." + ++applications;
        producerId = -1;
        epoch = -1;
        current = null;
    }

    private EndTxnRequestData ending(boolean commits) {
        return new EndTxnRequestData()
                .setTransactionalId(id)
                .setProducerId(producerId)
                .setProducerEpoch(epoch)
                .setCommitted(commits);
    }

    private void end() {
        boolean commits = world.random(4) > 0;
        if (world.faulty() && world.random(15) == 0) {
            giveUp(); // an application that dies with an open transaction
            return;
        }
        if (commits) {
            current.committing();
        }
        ask(coordinator, ApiKeys.END_TXN, END_VERSION, ending(commits), answer -> {
            if (((EndTxnResponseData) answer).errorCode() != 0) {
                giveUp();
                return;
            }
            if (commits) {
                current.committed();
                world.progress();
            } else {
                current.abortedOrUnknown();
            }
            current = null;
            world.later(world.random(250), this::next);
        });
    }
}
