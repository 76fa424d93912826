package io.penstock.ra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.ra.client.ConnectionDefaults;
import io.penstock.ra.inbound.EndpointSettings;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.InvalidPropertyException;
import java.beans.PropertyDescriptor;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an activation may say, and what it means. */
@Timeout(10)
class ActivationSpecTest {
    private static final ConnectionDefaults ADAPTER =
            new ConnectionDefaults("penstock://adapter:1", "adapter", "secret", "adapters-id");

    private static PenstockActivationSpec queue() {
        PenstockActivationSpec spec = new PenstockActivationSpec();
        spec.setDestination("orders");
        spec.setDestinationType("jakarta.jms.Queue");
        return spec;
    }

    private static PenstockActivationSpec topic() {
        PenstockActivationSpec spec = queue();
        spec.setDestinationType("jakarta.jms.Topic");
        return spec;
    }

    private static List<String> refused(PenstockActivationSpec spec, Consumer<PenstockActivationSpec> change) {
        change.accept(spec);
        InvalidPropertyException refused = assertThrows(InvalidPropertyException.class, spec::validate);
        return Stream.of(refused.getInvalidPropertyDescriptors())
                .map(PropertyDescriptor::getName)
                .toList();
    }

    @Test
    void whatIsSaidByDefaultIsValid() throws Exception {
        queue().validate();
        topic().validate();
    }

    @Test
    void eachMistakeIsToldWithItsProperty() {
        assertEquals(List.of("destinationLookup", "destination"), refused(queue(), spec -> spec.setDestination(" ")));
        assertEquals(List.of("destinationType"), refused(queue(), spec -> spec.setDestinationType("Qeueue")));
        assertEquals(List.of("destinationType"), refused(queue(), spec -> {
            spec.setDestinationType(null);
            spec.setUseJNDI(false);
        }));
        assertEquals(List.of("acknowledgeMode"), refused(queue(), spec -> spec.setAcknowledgeMode("Client")));
        assertEquals(List.of("maxSession"), refused(queue(), spec -> spec.setMaxSession(0)));
        assertEquals(List.of("setupAttempts"), refused(queue(), spec -> spec.setSetupAttempts(-2)));
        assertEquals(List.of("setupInterval"), refused(queue(), spec -> spec.setSetupInterval(0L)));
        assertEquals(List.of("transactionTimeout"), refused(queue(), spec -> spec.setTransactionTimeout(-1)));
        assertEquals(List.of("prefetch"), refused(queue(), spec -> spec.setPrefetch(0)));
        assertEquals(List.of("url"), refused(queue(), spec -> spec.setUrl("penstock://h?no=such")));
        assertEquals(
                List.of("subscriptionDurability"), refused(topic(), spec -> spec.setSubscriptionDurability("Forever")));
        assertEquals(List.of("subscriptionName"), refused(topic(), spec -> spec.setSubscriptionDurability("Durable")));
        assertEquals(List.of("subscriptionName"), refused(topic(), spec -> spec.setShareSubscriptions(true)));
        assertEquals(List.of("subscriptionName"), refused(topic(), spec -> spec.setSubscriptionName("no spaces")));
        assertEquals(List.of("subscriptionDurability", "destinationType"), refused(queue(), spec -> {
            spec.setSubscriptionDurability("Durable");
            spec.setSubscriptionName("s");
        }));
    }

    @Test
    void anUnsharedDurableSubscriptionNeedsAClientIdFromSomewhere() throws Exception {
        PenstockActivationSpec spec = topic();
        spec.setSubscriptionDurability("Durable");
        spec.setSubscriptionName("s");
        assertThrows(ResourceException.class, () -> spec.settings(ConnectionDefaults.NONE));
        assertEquals("adapters-id", spec.settings(ADAPTER).connection().clientId());
        spec.setClientId("mine");
        assertEquals("mine", spec.settings(ADAPTER).connection().clientId());
        spec.setClientId(null);
        spec.setShareSubscriptions(true);
        // Several servers would be in each other's way with one client id.
        assertNull(spec.settings(ADAPTER).connection().clientId());
    }

    @Test
    void whatIsNotSaidIsAsTheAdapterSays() throws Exception {
        PenstockActivationSpec spec = queue();
        EndpointSettings settings = spec.settings(ADAPTER);
        assertEquals(new ConnectionDefaults("penstock://adapter:1", "adapter", "secret", null), settings.connection());
        spec.setUser("other");
        spec.setUrl("penstock://other:2");
        assertEquals(
                new ConnectionDefaults("penstock://other:2", "other", null, null),
                spec.settings(ADAPTER).connection());
    }

    @Test
    void acknowledgeModesAreReadInEverySpelling() throws Exception {
        PenstockActivationSpec spec = queue();
        assertFalse(spec.settings(ADAPTER).dupsOk());
        for (String dupsOk : List.of("Dups-ok-acknowledge", "DUPS_OK_ACKNOWLEDGE", "DupsOkAcknowledge")) {
            spec.setAcknowledgeMode(dupsOk);
            spec.validate();
            assertTrue(spec.settings(ADAPTER).dupsOk(), dupsOk);
        }
    }

    @Test
    void attemptsAreFurtherAndFurtherApart() {
        EndpointSettings.Retry retry = new EndpointSettings.Retry(3, 100);
        assertEquals(
                List.of(100L, 200L, 400L, 800L, 800L),
                Stream.of(1, 2, 3, 4, 50).map(retry::delayMillis).toList());
        assertTrue(retry.again(2));
        assertFalse(retry.again(3));
        assertTrue(new EndpointSettings.Retry(-1, 100).again(1_000_000));
    }

    @Test
    void aTextDoesNotTellThePassword() {
        PenstockActivationSpec spec = queue();
        spec.setPassword("secret");
        assertFalse(spec.toString().contains("secret"));
        assertFalse(ADAPTER.toString().contains("secret"));
        assertFalse(new ConnectionRequest("user", "secret").toString().contains("secret"));
    }
}
