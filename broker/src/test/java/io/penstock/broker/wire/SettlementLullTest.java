package io.penstock.broker.wire;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SettlementLullTest {
    private final SettlementLull lull = new SettlementLull();

    private void frames(int count, boolean unhurried) {
        for (int i = 0; i < count; i++) {
            lull.frame(unhurried);
        }
    }

    @Test
    void aStreamOfAcknowledgementsIsReadTogether() {
        frames(SettlementLull.BEGINS_AT - 1, true);
        assertFalse(lull.begins());
        frames(1, true);
        assertTrue(lull.begins());
        assertTrue(lull.isUnread());
        assertFalse(lull.begins(), "it has begun already");
        lull.ends();
        assertFalse(lull.isUnread());
        frames(SettlementLull.WORTH_IT, true);
        assertTrue(lull.begins(), "and goes on as long as enough come");
    }

    @Test
    void aTrickleIsReadAsItComes() {
        frames(SettlementLull.BEGINS_AT, true);
        assertTrue(lull.begins());
        lull.ends();
        frames(SettlementLull.WORTH_IT - 1, true);
        assertFalse(lull.begins());
        frames(SettlementLull.BEGINS_AT - 1, true);
        assertFalse(lull.begins(), "it has to be earned again");
    }

    @Test
    void requestsThatSomebodyWaitsForAreNotKeptWaiting() {
        for (int i = 0; i < 1000; i++) {
            frames(20, true);
            frames(1, false);
            assertFalse(lull.begins());
        }
    }

    @Test
    void creditInBetweenDoesNotEndIt() {
        frames(10 * SettlementLull.BEGINS_AT, true);
        frames(1, false);
        assertTrue(lull.begins());
    }
}
