package io.penstock.protocol.name;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
class NamesTest {

    @ParameterizedTest
    @ValueSource(strings = {"orders", "a", "A.b_c-9", "...", "_x"})
    void kafkasNamesAreDestinations(String name) {
        assertEquals(new DestinationName(name, 0), DestinationName.parse(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a b", "a/b", "\u00e4", "a:b", "__consumer_offsets", "?partitions=2"})
    void otherNamesAreRefusedWithAReason(String name) {
        InvalidNameException refused = assertThrows(InvalidNameException.class, () -> DestinationName.parse(name));
        assertTrue(refused.getMessage().length() > 10);
    }

    @Test
    void namesEndAt249Characters() {
        DestinationName.check("x".repeat(249));
        assertThrows(InvalidNameException.class, () -> DestinationName.check("x".repeat(250)));
    }

    @Test
    void theBrokersOwnNamesAreTopicsButNotDestinations() {
        DestinationName.checkTopic("__penstock_transactions");
        assertThrows(InvalidNameException.class, () -> DestinationName.check("__penstock_transactions"));
    }

    @Test
    void partitionsAreAnOptionOfTheName() {
        assertEquals(new DestinationName("orders", 12), DestinationName.parse("orders?partitions=12"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "o?partitions=0",
                "o?partitions=-1",
                "o?partitions=x",
                "o?partitions=",
                "o?",
                "o?size=3",
                "o?partitions=99999999999"
            })
    void otherOptionsAreRefused(String text) {
        assertThrows(InvalidNameException.class, () -> DestinationName.parse(text));
    }

    @Test
    void rule12SubscriptionNamesOf128CharactersAreAccepted() {
        SubscriptionName.check("aZ9_.-" + "x".repeat(122));
        assertThrows(InvalidNameException.class, () -> SubscriptionName.check(""));
        assertThrows(InvalidNameException.class, () -> SubscriptionName.check(null));
        assertThrows(InvalidNameException.class, () -> SubscriptionName.check("x".repeat(256)));
        assertThrows(InvalidNameException.class, () -> SubscriptionName.check("a\nb"));
    }

    @Test
    void groupIdsAreEscapedAndReadBack() {
        assertEquals("orders", GroupId.ofQueue("orders"));
        assertEquals("client/prices", GroupId.ofDurable("client", "prices"));
        assertEquals("a%2Fb%25/p%C3%A4%20x", GroupId.ofDurable("a/b%", "p\u00e4 x"));
        assertEquals("prices", GroupId.ofDurable(null, "prices"));
        assertEquals("a/b%", GroupId.clientIdOf("a%2Fb%25/p%C3%A4%20x"));
        assertEquals("p\u00e4 x", GroupId.subscriptionNameOf("a%2Fb%25/p%C3%A4%20x"));
        assertNull(GroupId.clientIdOf("prices"));
        assertEquals("prices", GroupId.subscriptionNameOf("~prices"));
        assertEquals("client", GroupId.clientIdOf("~client/prices"));
        assertThrows(InvalidNameException.class, () -> GroupId.subscriptionNameOf("a%2"));
    }

    @Test
    void rule10DurableAndOtherSubscriptionsOfOneNameAreSeparate() {
        assertNotEquals(GroupId.ofDurable("c", "n"), GroupId.ofSharedNonDurable("c", "n"));
        assertNotEquals(GroupId.ofDurable(null, "~n"), GroupId.ofSharedNonDurable(null, "n"));
        assertFalse(GroupId.endsWithConsumers(GroupId.ofDurable("~c", "n")));
        assertTrue(GroupId.endsWithConsumers(GroupId.ofSharedNonDurable("c", "n")));
        assertTrue(GroupId.endsWithConsumers(GroupId.ofConsumer("token", 3)));
    }
}
