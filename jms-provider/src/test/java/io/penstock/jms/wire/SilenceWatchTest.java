package io.penstock.jms.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With a lease of 60 s a tick is a second. */
@Timeout(10)
class SilenceWatchTest {
    private final Line line = new Line();
    private final SilenceWatch watch = new SilenceWatch(line, 60_000);

    private static final class Line implements SilenceWatch.Line {
        private long heard;
        private int asked;
        private String why;

        @Override
        public long heard() {
            return heard;
        }

        @Override
        public void ask() {
            asked++;
        }

        @Override
        public void giveUp(String reason) {
            why = reason;
        }
    }

    private void ticks(int count, boolean traffic) {
        for (int i = 0; i < count; i++) {
            if (traffic) {
                line.heard++;
            }
            assertTrue(watch.tick());
        }
    }

    @Test
    void asksSoonAfterTraffic() {
        assertEquals(1000, watch.tickMillis());
        ticks(5, true);
        ticks(4, false);
        assertEquals(0, line.asked);

        ticks(1, false);
        assertEquals(1, line.asked);
    }

    @Test
    void asksEverLaterWhileNothingElseIsHeard() {
        ticks(1, true);
        int[] before = {5, 10, 10, 10};
        for (int i = 0; i < before.length; i++) {
            ticks(before[i] - 1, false);
            assertEquals(i, line.asked);
            ticks(1, false);
            assertEquals(i + 1, line.asked);
            ticks(1, true); // The answer.
        }
        ticks(1, true);
        ticks(5, false);
        assertEquals(5, line.asked);
    }

    @Test
    void renewsTheLeaseWhileTheBrokerTalks() {
        ticks(60, true);

        assertEquals(5, line.asked);
    }

    @Test
    void givesUpABrokerThatSaysNothing() {
        ticks(1, true);
        ticks(14, false);

        assertFalse(watch.tick());
        assertEquals("has said nothing for 15000 ms", line.why);
        assertEquals(1, line.asked);
    }

    @Test
    void whateverIsHeardIsASignOfLife() {
        ticks(1, true);
        ticks(14, false);
        ticks(1, true);
        ticks(9, false);

        assertEquals(2, line.asked);
    }
}
