package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** After a restart what was held before goes first, if its session does not come back (JMS-RULES 7, invariant 24). */
@Timeout(30)
class RestartOrderTest {

    private static final SessionKey OLD = new SessionKey(100, 1);
    private static final SessionKey NEW = new SessionKey(200, 1);

    private final DeliveryBench bench = new DeliveryBench();

    /** The old session holds 0 and 1 when the broker dies; 2 and 3 are waiting. */
    private RecordingConsumer newConsumerAfterTheRestart() {
        bench.openQueue();
        RecordingConsumer old = new RecordingConsumer(OLD, 1, 2);
        bench.run(() -> bench.group().attach(old));
        bench.send(4);
        assertEquals(List.of(0L, 1L), old.offsets());
        bench.kill();
        bench.open();
        RecordingConsumer consumer = new RecordingConsumer(NEW, 1, 10);
        bench.run(() -> bench.group().attach(consumer));
        return consumer;
    }

    @Test
    void freshMessagesWaitForTheGraceOfThoseThatWereHeld() {
        RecordingConsumer consumer = newConsumerAfterTheRestart();
        bench.run(() -> bench.group().drain(consumer, 7));
        bench.after(bench.config.sessionGraceMillis() / 2);
        assertEquals(List.of(), consumer.offsets());
        assertEquals(List.of(), consumer.drains);
        bench.after(bench.config.sessionGraceMillis());
        assertEquals(List.of(0L, 1L, 2L, 3L), consumer.offsets());
        assertEquals(List.of(7), consumer.drains);
    }

    @Test
    void whenTheSessionComesBackFreshMessagesGoAtOnce() {
        RecordingConsumer consumer = newConsumerAfterTheRestart();
        bench.run(() -> bench.delivery.sessionResumed(OLD));
        assertEquals(List.of(2L, 3L), consumer.offsets());
    }

    @Test
    void whenTheSessionEndsWhatItHeldGoesFirst() {
        RecordingConsumer consumer = newConsumerAfterTheRestart();
        bench.run(() -> bench.delivery.sessionEnded(OLD));
        assertEquals(List.of(0L, 1L, 2L, 3L), consumer.offsets());
    }
}
