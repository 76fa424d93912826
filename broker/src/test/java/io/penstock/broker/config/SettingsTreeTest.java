package io.penstock.broker.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SettingsTreeTest {
    private final Map<String, String> kept = new HashMap<>();

    private void set(String pattern, String key, String value) {
        assertNull(SettingsTree.fault(pattern, key, value));
        kept.put(SettingsTree.entry(pattern, key), value);
    }

    private int attempts(String destination) {
        return SettingsTree.of(kept).of(destination).maxDeliveryAttempts();
    }

    @Test
    void withoutSettingsThereAreTenAttemptsAndAQueueOfDeadLetters() {
        DestinationSettings settings = SettingsTree.of(kept).of("orders");

        assertEquals(DestinationSettings.DEFAULTS, settings);
        assertEquals(10, settings.maxDeliveryAttempts());
        assertEquals("DLQ", settings.deadLetterAddress());
        assertNull(settings.expiryAddress());
        assertEquals(0, settings.delayMillis(3));
        assertFalse(settings.exhausted(9));
        assertTrue(settings.exhausted(10));
    }

    @Test
    void theMostSpecificPatternWins() {
        set("#", "max-delivery-attempts", "1");
        set("orders.#", "max-delivery-attempts", "2");
        set("orders.eu.#", "max-delivery-attempts", "3");
        set("orders.*.new", "max-delivery-attempts", "4");
        set("orders.eu.*", "max-delivery-attempts", "5");
        set("orders.eu.new", "max-delivery-attempts", "6");

        assertEquals(1, attempts("other"));
        assertEquals(2, attempts("orders"), "'#' stands for no word too");
        assertEquals(2, attempts("orders.us"));
        assertEquals(3, attempts("orders.eu"));
        assertEquals(3, attempts("orders.eu.a.b"));
        assertEquals(4, attempts("orders.us.new"));
        assertEquals(5, attempts("orders.eu.old"));
        assertEquals(6, attempts("orders.eu.new"));
        assertEquals(1, attempts("ordersx"), "a word is not matched in part");
    }

    @Test
    void whatASpecificPatternDoesNotSetComesFromTheOthers() {
        set("#", "expiry-address", "old");
        set("orders.#", "redelivery-delay", "100");
        set("orders.eu", "max-delivery-attempts", "-1");

        DestinationSettings settings = SettingsTree.of(kept).of("orders.eu");

        assertEquals("old", settings.expiryAddress());
        assertEquals(100, settings.redeliveryDelayMillis());
        assertFalse(settings.exhausted(1_000_000));
        assertEquals(1000, settings.maxRedeliveryDelayMillis(), "ten times the delay");
    }

    @Test
    void anEmptyValueTakesADestinationAway() {
        set("#", "expiry-address", "old");
        set("quick.*", "expiry-address", "");
        set("quick.*", "dead-letter-address", "");

        assertNull(SettingsTree.of(kept).of("quick.a").expiryAddress());
        assertNull(SettingsTree.of(kept).of("quick.a").deadLetterAddress());
        assertEquals("old", SettingsTree.of(kept).of("slow").expiryAddress());
    }

    @Test
    void delaysGrowUpToTheLongest() {
        set("q", "redelivery-delay", "100");
        set("q", "redelivery-delay-multiplier", "2.5");
        set("q", "max-redelivery-delay", "500");

        DestinationSettings settings = SettingsTree.of(kept).of("q");

        assertEquals(0, settings.delayMillis(0));
        assertEquals(100, settings.delayMillis(1));
        assertEquals(250, settings.delayMillis(2));
        assertEquals(500, settings.delayMillis(3));
        assertEquals(500, settings.delayMillis(100_000), "no overflow");
    }

    @Test
    void whatCannotBeIsRefusedWithAReason() {
        assertNotNull(SettingsTree.fault("orders*", "redelivery-delay", "1"));
        assertNotNull(SettingsTree.fault("or ders", "redelivery-delay", "1"));
        assertNotNull(SettingsTree.fault("", "redelivery-delay", "1"));
        assertNotNull(SettingsTree.fault("#.#.#", "redelivery-delay", "1"), "costs too much to match");
        assertNotNull(SettingsTree.fault("#", "redelivery-delay", "-1"));
        assertNotNull(SettingsTree.fault("#", "max-delivery-attempts", "0"));
        assertNotNull(SettingsTree.fault("#", "max-delivery-attempts", "many"));
        assertNotNull(SettingsTree.fault("#", "dead-letter-address", "__group"));
        assertNotNull(SettingsTree.fault("#", "page-size-bytes", "1"));
        assertNotNull(SettingsTree.fault("#", "page-size-bytes", null));
        assertNull(SettingsTree.fault("#", "redelivery-delay", null));
    }

    @Test
    void whatALaterReleaseHasKeptIsPassedOver() {
        kept.put("# some-day", "1");
        kept.put("no-separator", "1");

        assertEquals(DestinationSettings.DEFAULTS, SettingsTree.of(kept).of("q"));
    }

    @Test
    void aChangeIsInForceAtTheNextLook() {
        Map<String, String> first = Map.of();
        Map<String, String> second = Map.of(SettingsTree.entry("q", "max-delivery-attempts"), "3");
        @SuppressWarnings("unchecked")
        Map<String, String>[] now = new Map[] {first};
        LiveSettings live = new LiveSettings(() -> now[0]);

        assertEquals(10, live.of("q").maxDeliveryAttempts());
        assertSame(live.of("q"), live.of("q"));
        now[0] = second;
        assertEquals(3, live.of("q").maxDeliveryAttempts());
        assertEquals(10, live.of("p").maxDeliveryAttempts());
    }
}
