package io.penstock.jms.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.jms.client.ClientConsumer;
import io.penstock.jms.client.OffsetsByPartition;
import io.penstock.jms.client.Settlements;
import io.penstock.jms.client.Settlements.Outcome;
import io.penstock.protocol.message.SettleRequest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rule 6: what is kept of acknowledgements as runs is what was said, whatever was said between. */
@Timeout(30)
class UnconfirmedSettlementsTest {

    @Test
    void runsAreWhatAListOfEachWouldBe() {
        for (long seed = 1; seed <= 300; seed++) {
            runsAreWhatAListOfEachWouldBe(seed);
        }
    }

    private static void runsAreWhatAListOfEachWouldBe(long seed) {
        Random random = new Random(seed);
        UnconfirmedSettlements runs = new UnconfirmedSettlements();
        List<UnconfirmedSettlements.Sent> each = new ArrayList<>();
        List<ClientConsumer> consumers = List.of(new Consumer(1), new Consumer(2));
        long[] next = new long[4];
        long sequence = 0;
        for (int step = 0; step < 200; step++) {
            int kind = random.nextInt(20);
            if (kind < 17) {
                sequence++;
                int place = random.nextInt(10) < 8 ? 0 : random.nextInt(4);
                Settlements settlements = new Settlements();
                int messages = kind < 14 ? 1 : 1 + random.nextInt(3);
                for (int i = 0; i < messages; i++) {
                    next[place] += random.nextInt(10) == 0 ? 2 : 1;
                    Outcome outcome = kind == 16 ? Outcome.RELEASED : Outcome.ACCEPTED;
                    settlements.add(
                            consumers.get(place % 2), place / 2, next[place], random.nextInt(15) == 0 ? 2 : 1, outcome);
                }
                CompletableFuture<Void> awaited = kind == 15 ? new CompletableFuture<>() : null;
                runs.add(sequence, settlements, awaited);
                each.add(new UnconfirmedSettlements.Sent(sequence, settlements, awaited));
            } else if (!each.isEmpty()) {
                UnconfirmedSettlements.Sent one = each.get(random.nextInt(each.size()));
                if (kind == 17) {
                    runs.forget(one.sequence());
                    each.remove(one);
                } else {
                    assertEquals(
                            offsets(confirm(each, one)), offsets(runs.confirmed(one.sequence(), one.settlements())));
                }
            }
            assertEquals(each.toString(), runs.all().toString(), "seed " + seed);
        }
        assertEquals(each.toString(), runs.takeAll().toString());
        assertEquals(List.of(), runs.all());
    }

    /** As it was when each settlement was kept by itself. */
    private static List<Settlements> confirm(
            List<UnconfirmedSettlements.Sent> sent, UnconfirmedSettlements.Sent confirmed) {
        List<Settlements> durable = new ArrayList<>();
        Iterator<UnconfirmedSettlements.Sent> all = sent.iterator();
        while (all.hasNext()) {
            UnconfirmedSettlements.Sent one = all.next();
            boolean spokenFor = one.awaited() == null
                    && one.settlements().entries().stream().allMatch(entry -> confirmed.settlements().entries().stream()
                            .anyMatch(other -> other.outcome() == Outcome.ACCEPTED
                                    && other.consumer() == entry.consumer()
                                    && other.partition() == entry.partition()));
            if (one.sequence() == confirmed.sequence() || (one.sequence() < confirmed.sequence() && spokenFor)) {
                durable.add(one.settlements());
                all.remove();
            }
        }
        return durable;
    }

    private static List<String> offsets(List<Settlements> all) {
        List<String> offsets = new ArrayList<>();
        for (Settlements settlements : all) {
            for (Settlements.Entry entry : settlements.entries()) {
                for (int i = 0; i < entry.ranges().size(); i++) {
                    for (long offset = entry.ranges().first(i);
                            offset <= entry.ranges().last(i);
                            offset++) {
                        offsets.add(entry.consumerId() + "/" + entry.partition() + "/" + offset + "/" + entry.count());
                    }
                }
            }
        }
        return offsets;
    }

    @Test
    void aSettleIsWrittenAsItsMessageIs() {
        for (long seed = 1; seed <= 200; seed++) {
            aSettleIsWrittenAsItsMessageIs(seed);
        }
    }

    private static void aSettleIsWrittenAsItsMessageIs(long seed) {
        Random random = new Random(seed);
        Settlements settlements = new Settlements();
        int messages = random.nextInt(8);
        for (int i = 0; i < messages; i++) {
            settlements.add(
                    new Consumer(random.nextInt(2)),
                    random.nextInt(2),
                    random.nextInt(100),
                    1,
                    Outcome.values()[random.nextInt(Outcome.values().length)]);
        }
        boolean asked = random.nextBoolean();
        SettleRequest message = new SettleRequest(
                3, seed, asked, SettlementCodec.marks(settlements), SettlementCodec.settlements(settlements));
        SettleBody body = new SettleBody(3, seed, asked, settlements);
        assertEquals(message.sizeBytes(), body.sizeBytes());
        ByteBuffer written = ByteBuffer.allocate(body.sizeBytes());
        body.writeTo(written);
        assertEquals(message, SettleRequest.read(written.flip(), (short) 0), "seed " + seed);
    }

    private record Consumer(int id) implements ClientConsumer {
        @Override
        public Object source() {
            return id;
        }

        @Override
        public void credit(int messages, int bytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Void> drain() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Void> detach(OffsetsByPartition neverHandedOut) {
            throw new UnsupportedOperationException();
        }
    }
}
