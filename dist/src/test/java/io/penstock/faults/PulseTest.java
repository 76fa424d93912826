package io.penstock.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class PulseTest {
    private final Pulse pulse = new Pulse("sends");

    private void beats(long... nanos) {
        for (long each : nanos) {
            pulse.beat(each);
        }
    }

    @Test
    void theLongestTimeBetweenTwoBeatsCounts() {
        beats(10, 20, 70, 80, 200);

        assertEquals(50, pulse.longestGapNanos(15, 90));
    }

    @Test
    void aGapThatBeganBeforeAndOneThatIsNotOverCount() {
        beats(10, 60, 70);

        assertEquals(50, pulse.longestGapNanos(50, 75));
        assertEquals(130, pulse.longestGapNanos(65, 200));
    }

    @Test
    void withoutAnyBeatAllOfItIsAGap() {
        assertEquals(100, pulse.longestGapNanos(100, 200));
    }

    @Test
    void beatsAfterwardsDoNotCount() {
        beats(10, 20, 30, 500);

        assertEquals(10, pulse.longestGapNanos(10, 35));
    }
}
