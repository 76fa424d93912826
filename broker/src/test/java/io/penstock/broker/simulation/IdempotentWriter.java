package io.penstock.broker.simulation;

import io.penstock.storage.simulation.TestBatches;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/** An idempotent producer that waits for all replicas and one batch under way: the same one until it is acknowledged. */
final class IdempotentWriter {
    /** By which protocol it sends. */
    interface Transport {
        /** Gives a producer id, or -1 for now. */
        void begin(LongConsumer producerId);

        void send(int leader, ByteBuffer batch, Sent sent);

        /** What becomes of a batch: one of the two is called, once. */
        interface Sent {
            void stored(long baseOffset);

            /** @param forGood sending it again cannot help */
            void refused(String error, boolean forGood);
        }
    }

    private final World world;
    private final Transport transport;
    private final KnownLeaders leaders;
    final Place place;
    long producerId = -1;
    private int sequence;
    private long pendingId;
    private int pendingCount;
    private ByteBuffer pending;
    long acknowledged;

    IdempotentWriter(World world, Transport transport, Place place) {
        this.world = world;
        this.transport = transport;
        this.leaders = new KnownLeaders(world.cluster);
        this.place = place;
    }

    void start() {
        transport.begin(id -> {
            if (id < 0) {
                world.later(50, this::start);
            } else {
                producerId = id;
                produce();
            }
        });
    }

    private void produce() {
        if (pending == null) {
            if (world.enough()) {
                return;
            }
            pendingCount = 1 + world.random(3);
            long[] ids = new long[pendingCount];
            pendingId = world.nextIds(pendingCount);
            for (int i = 0; i < pendingCount; i++) {
                ids[i] = pendingId + i;
            }
            pending = TestBatches.batch()
                    .timestamps(ids)
                    .producer(producerId, 0, sequence)
                    .build();
        }
        int leader = leaders.of(place);
        if (leader < 0) {
            world.later(50, this::produce);
            return;
        }
        ByteBuffer copy = ByteBuffer.allocate(pending.remaining()).put(pending.duplicate());
        transport.send(leader, copy.flip(), new Transport.Sent() {
            @Override
            public void stored(long baseOffset) {
                acknowledged(baseOffset, leader);
            }

            @Override
            public void refused(String error, boolean forGood) {
                if (forGood) {
                    throw world.cluster.wrong("14: producer " + producerId + " sequence " + sequence + " of " + place
                            + " is answered " + error + " by broker " + leader);
                }
                world.later(20, IdempotentWriter.this::produce);
            }
        });
    }

    private void acknowledged(long baseOffset, int broker) {
        for (int i = 0; i < pendingCount; i++) {
            world.truth(place).holds(baseOffset + i, pendingId + i, "its producer, by broker " + broker);
        }
        acknowledged += pendingCount;
        sequence += pendingCount;
        pending = null;
        world.progress();
        world.later(world.random(150), this::produce);
    }
}
