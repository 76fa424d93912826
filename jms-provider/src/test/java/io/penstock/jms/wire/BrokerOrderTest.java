package io.penstock.jms.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.jms.client.BrokerAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class BrokerOrderTest {
    private static final BrokerAddress A = new BrokerAddress("a", 1);
    private static final BrokerAddress B = new BrokerAddress("b", 1);
    private static final BrokerAddress C = new BrokerAddress("c", 1);

    private final BrokerOrder order = new BrokerOrder(List.of(A, B, C));

    @Test
    void silentOnesComeLastUntilTheyAnswer() {
        order.silent(A);
        assertEquals(List.of(B, C, A), order.now());

        order.silent(B);
        assertEquals(List.of(C, A, B), order.now());

        order.answered(A);
        assertEquals(List.of(A, C, B), order.now());
    }

    @Test
    void attemptsAreNumbered() {
        assertEquals(0, order.nextAttempt());
        assertEquals(1, order.nextAttempt());
    }

    @Test
    void withoutSilenceItIsTheUrls() {
        assertEquals(List.of(A, B, C), order.now());
    }
}
