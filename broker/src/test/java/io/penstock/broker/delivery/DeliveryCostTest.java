package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.log.LogId;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Costs that must not grow with the backlog or with the number of destinations. */
@Timeout(120)
class DeliveryCostTest {

    private static final SessionKey A = new SessionKey(1, 1);

    @Test
    void tenThousandIdleGroupsAreSmall() {
        SimulatedTime time = new SimulatedTime(1);
        SimulatedOwner owner = new SimulatedOwner(time, "owner");
        DeliveryContext context = new DeliveryContext(owner, time, DeliveryConfig.defaults(), true);
        List<PartitionDelivery> kept = new ArrayList<>();
        List<FakePartition> partitions = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            partitions.add(new FakePartition(
                    owner,
                    new MemoryLog(LogId.records(FakePartition.TOPIC, i)),
                    new MemoryLog(LogId.ledger(FakePartition.TOPIC, i))));
        }
        long before = usedBytes();
        for (FakePartition partition : partitions) {
            owner.runHere(() -> PartitionDelivery.open(partition, context, SettledRetention.CONSUMED)
                    .thenAccept(delivery -> {
                        delivery.createGroup(new GroupSpec("q", 0, GroupSpec.Kind.NON_DURABLE, 0, null), failure -> {});
                        kept.add(delivery);
                    }));
        }
        long each = (usedBytes() - before) / kept.size();
        System.out.println("an idle partition with one group takes " + each + " bytes");
        assertTrue(each < 1500, each + " bytes for each idle partition with a group");
    }

    @Test
    void aMillionWaitingMessagesTakeNoMemoryAndNoTime() {
        DeliveryBench bench = new DeliveryBench();
        bench.openQueue();
        for (int i = 0; i < 1000; i++) {
            bench.send(1000);
        }
        Counting consumer = new Counting();
        bench.run(() -> bench.group().attach(consumer));
        long before = usedBytes();
        int readsBefore = bench.log.reads;
        for (int i = 0; i < 1000; i++) {
            consumer.credit += 10;
            long first = 10L * i;
            bench.run(() -> bench.group().wake(consumer));
            bench.run(() -> bench.group()
                    .settle(A, first + 1, Settlements.accept(OffsetRanges.of(first, first + 9)), (outcome, failure) -> {
                        assertTrue(outcome.complete());
                    }));
        }
        assertEquals(10_000, consumer.messages);
        assertEquals(990_000, bench.group().statistics().waiting());
        assertTrue(bench.group().state().table.isEmpty());
        // One read of a batch serves all pushes from it.
        assertTrue(bench.log.reads - readsBefore <= 20, (bench.log.reads - readsBefore) + " reads");
        long grown = usedBytes() - before - bench.ledger.sizeBytes();
        assertTrue(grown < 4 << 20, grown + " bytes more");
    }

    @Test
    void scatteredRunsStayCheap() {
        DeliveryBench bench = new DeliveryBench();
        bench.openQueue();
        for (int i = 0; i < 100; i++) {
            bench.send(1000);
        }
        Counting consumer = new Counting();
        consumer.credit = 100_000;
        bench.run(() -> bench.group().attach(consumer));
        bench.after(100);
        assertEquals(100_000, consumer.messages);
        // Every second one stays: the worst case of the table.
        for (int i = 0; i < 50_000; i += 10) {
            OffsetRanges ranges = new OffsetRanges();
            for (int j = 0; j < 10; j++) {
                ranges.add(2L * (i + j), 2L * (i + j));
            }
            long sequence = i + 1;
            bench.run(() -> bench.group().settle(A, sequence, Settlements.accept(ranges), (outcome, failure) -> {}));
        }
        assertEquals(50_000, bench.group().state().table.size());
        bench.run(() -> bench.delivery.sessionEnded(A));
        assertEquals(50_000, bench.group().statistics().waiting());
    }

    private static long usedBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /** Counts and forgets. */
    private static final class Counting implements DeliveryConsumer {
        private int credit;
        private long messages;

        @Override
        public SessionKey session() {
            return A;
        }

        @Override
        public int consumerId() {
            return 1;
        }

        @Override
        public int creditMessages() {
            return credit;
        }

        @Override
        public int creditBytes() {
            return Integer.MAX_VALUE;
        }

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void deliver(Delivery delivery) {
            credit -= delivery.messages();
            messages += delivery.messages();
        }

        @Override
        public void drained(int drainId) {
            throw new AssertionError();
        }

        @Override
        public void ended(EndReason reason, String message) {
            throw new AssertionError(message);
        }
    }
}
