package io.penstock.broker.request.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.penstock.broker.request.jms.SimulatedClient.Received;
import io.penstock.protocol.message.AttachRequest;
import io.penstock.protocol.message.AttachSource;
import io.penstock.protocol.message.CloseConnectionRequest;
import io.penstock.protocol.message.CloseSessionRequest;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.DetachRequest;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.SendDurability;
import io.penstock.protocol.message.SendEntry;
import io.penstock.protocol.message.SendRequest;
import io.penstock.protocol.message.SubscribeRequest;
import io.penstock.protocol.message.SubscribeResponse;
import io.penstock.protocol.message.UnsubscribeRequest;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SubscriptionFrontTest {
    private final SimulatedFront front = new SimulatedFront(2);

    @Test
    void aDurableSubscriptionKeepsWhatComesWhileNobodyListens() {
        SimulatedClient client = SimulatedClient.open(front, "desk");
        UUID topic = client.resolve("prices", DestinationKind.TOPIC, 2).topicId();
        client.send(topic, 0, "before");
        SubscribeResponse subscription = client.subscribe("watch", "prices");
        client.send(topic, 0, "a");
        client.send(topic, 1, "b");

        client.ok(client.request(PenstockApi.ATTACH, client.attachDurable(1, 1, subscription, 10)));

        assertEquals(
                List.of("a", "b"),
                texts(client.awaitMessages(2)).stream().sorted().toList());
        assertEquals("desk/watch", subscription.groupId());
    }

    @Test
    void aDurableSubscriptionSurvivesKillAndPowerCut() {
        SimulatedClient client = SimulatedClient.open(front, "desk");
        UUID topic = client.topic("prices");
        SubscribeResponse made = client.subscribe("watch", "prices");
        client.send(topic, 0, "a", "b", "c");
        client.ok(client.request(PenstockApi.ATTACH, client.attachDurable(1, 1, made, 10)));
        Received first = client.awaitMessages(3).get(0);
        client.ok(client.settle(1, 1, Disposition.ACCEPT, first));
        front.kill();
        front.start();
        front.powerCut();
        front.start();

        SimulatedClient again = SimulatedClient.open(front, "desk");
        SubscribeResponse found = again.subscribe("watch", "prices");
        again.ok(again.request(PenstockApi.ATTACH, again.attachDurable(1, 1, found, 10)));

        assertEquals(made.incarnation(), found.incarnation());
        front.runFor(3000);
        assertEquals(List.of("b", "c"), texts(again.awaitMessages(2)));
    }

    @Test
    void rule9ASecondConsumerIsRefusedAndAnotherTopicStartsAnew() {
        SimulatedClient client = SimulatedClient.open(front, "desk");
        client.topic("prices");
        UUID news = client.topic("news");
        SubscribeResponse made = client.subscribe("watch", "prices");
        client.ok(client.request(PenstockApi.ATTACH, client.attachDurable(1, 1, made, 10)));
        assertEquals(PenstockError.SUBSCRIPTION_IN_USE, subscribe(client, "watch", "prices"));
        assertEquals(PenstockError.SUBSCRIPTION_IN_USE, subscribe(client, "watch", "news"));
        assertEquals(
                PenstockError.SUBSCRIPTION_IN_USE,
                client.request(PenstockApi.ATTACH, client.attachDurable(1, 2, made, 10)).error);

        client.ok(client.request(PenstockApi.DETACH, new DetachRequest(1, 1, List.of())));
        SubscribeResponse anew = client.subscribe("watch", "news");
        client.send(news, 0, "n");
        client.ok(client.request(PenstockApi.ATTACH, client.attachDurable(1, 3, anew, 10)));

        assertNotEquals(made.incarnation(), anew.incarnation());
        assertEquals(news, anew.topicId());
        assertEquals("n", client.awaitMessage("n").text());
        assertEquals(
                PenstockError.UNKNOWN_SUBSCRIPTION,
                client.request(PenstockApi.ATTACH, client.attachDurable(1, 4, made, 10)).error);
    }

    @Test
    void rule9AChangedNoLocalDeletesTheBacklog() {
        SimulatedClient client = SimulatedClient.open(front, "desk");
        UUID topic = client.topic("prices");
        SubscribeResponse made = client.subscribe("watch", "prices");
        client.send(topic, 0, "old");

        SubscribeResponse anew = client.ok(
                client.request(
                        PenstockApi.SUBSCRIBE, new SubscribeRequest("watch", null, "prices", null, true, false, true)),
                SubscribeResponse::read);
        client.send(topic, 0, "new");
        client.ok(client.request(PenstockApi.ATTACH, client.attachDurable(1, 1, anew, 10)));

        assertEquals(made.groupId(), anew.groupId());
        client.awaitMessages(1);
        assertEquals(List.of("new"), client.texts());
    }

    @Test
    void rule14NoLocalLeavesOutMessagesOfItsClientId() {
        SimulatedClient client = SimulatedClient.open(front, "desk");
        UUID topic = client.topic("prices");
        SubscribeResponse made = client.ok(
                client.request(
                        PenstockApi.SUBSCRIBE,
                        new SubscribeRequest("watch", "desk", "prices", null, true, false, true)),
                SubscribeResponse::read);
        client.ok(client.request(PenstockApi.ATTACH, client.attachDurable(1, 1, made, 10)));

        sendFrom(client, topic, 5000, "desk", "own");
        sendFrom(client, topic, 5001, "other", "foreign");

        client.awaitMessages(1);
        assertEquals(List.of("foreign"), client.texts());
    }

    @Test
    void rule15UnsubscribeIsRefusedWhileInUseAndWhileUnacknowledged() {
        SimulatedClient client = SimulatedClient.open(front, "desk");
        UUID topic = client.topic("prices");
        SubscribeResponse made = client.subscribe("watch", "prices");
        client.ok(client.request(PenstockApi.ATTACH, client.attachDurable(1, 1, made, 10)));
        client.send(topic, 0, "a");
        Received message = client.awaitMessages(1).get(0);
        assertEquals(PenstockError.SUBSCRIPTION_IN_USE, unsubscribe(client, "watch"));
        client.ok(client.request(PenstockApi.DETACH, new DetachRequest(1, 1, List.of())));
        assertEquals(PenstockError.SUBSCRIPTION_IN_USE, unsubscribe(client, "watch"));

        client.ok(client.settle(1, 1, Disposition.ACCEPT, message));

        assertEquals(PenstockError.NONE, unsubscribe(client, "watch"));
        assertEquals(PenstockError.UNKNOWN_SUBSCRIPTION, unsubscribe(client, "watch"));
        front.kill();
        front.start();
        SimulatedClient again = SimulatedClient.open(front, "desk");
        assertEquals(PenstockError.UNKNOWN_SUBSCRIPTION, unsubscribe(again, "watch"));
    }

    @Test
    void rule8WithoutAClientIdThereIsNoUnsharedDurableSubscription() {
        SimulatedClient client = SimulatedClient.open(front, null);
        client.topic("prices");
        assertEquals(PenstockError.INVALID_CLIENT_ID, subscribe(client, "watch", "prices"));
        assertEquals(PenstockError.UNKNOWN_SUBSCRIPTION, unsubscribe(client, "watch"));
    }

    @Test
    void rule9And10ASharedDurableSubscriptionIsJoinedOnlyAsItIs() {
        SimulatedClient one = SimulatedClient.open(front, null);
        SimulatedClient other = SimulatedClient.open(front, null);
        UUID topic = one.topic("prices");
        one.topic("news");
        SubscribeResponse made = shared(one, "prices");
        one.ok(one.request(PenstockApi.ATTACH, one.attachDurable(1, 1, made, 1)));
        SubscribeResponse joined = shared(other, "prices");
        assertEquals(made, joined);
        other.ok(other.request(PenstockApi.ATTACH, other.attachDurable(1, 1, joined, 1)));
        one.send(topic, 0, "a", "b");
        assertEquals(1, one.awaitMessages(1).size());
        assertEquals(1, other.awaitMessages(1).size());
        SubscribeRequest elsewhere = new SubscribeRequest("watch", null, "news", null, false, true, true);
        assertEquals(PenstockError.SUBSCRIPTION_IN_USE, one.request(PenstockApi.SUBSCRIBE, elsewhere).error);
        one.ok(one.request(PenstockApi.DETACH, new DetachRequest(1, 1, List.of())));
        assertEquals(PenstockError.SUBSCRIPTION_IN_USE, one.request(PenstockApi.SUBSCRIBE, elsewhere).error);
        other.ok(other.request(PenstockApi.CLOSE_SESSION, new CloseSessionRequest(1, List.of())));
        assertEquals(PenstockError.NONE, one.request(PenstockApi.SUBSCRIBE, elsewhere).error);

        SimulatedClient desk = SimulatedClient.open(front, "desk");
        desk.subscribe("watch", "prices");
        assertEquals(
                PenstockError.SUBSCRIPTION_CONFLICT,
                desk.request(
                                PenstockApi.SUBSCRIBE,
                                new SubscribeRequest("watch", "desk", "prices", null, false, true, true))
                        .error);
    }

    private static SubscribeResponse shared(SimulatedClient client, String topic) {
        return client.ok(
                client.request(
                        PenstockApi.SUBSCRIBE, new SubscribeRequest("watch", null, topic, null, false, true, true)),
                SubscribeResponse::read);
    }

    @Test
    void whatIsNotASubscriptionIsRefused() {
        SimulatedClient client = SimulatedClient.open(front, "desk");
        client.queue("orders");
        client.topic("prices");
        assertEquals(PenstockError.WRONG_KIND, subscribe(client, "watch", "orders"));
        assertEquals(PenstockError.UNKNOWN_DESTINATION, subscribe(client, "watch", "none"));
        assertEquals(PenstockError.INVALID_REQUEST, subscribe(client, "", "prices"));
        assertEquals(
                PenstockError.INVALID_REQUEST, // noLocal and shared
                client.request(
                                PenstockApi.SUBSCRIBE,
                                new SubscribeRequest("watch", null, "prices", null, true, true, true))
                        .error);
        assertEquals(
                PenstockError.INVALID_SELECTOR,
                client.request(
                                PenstockApi.SUBSCRIBE,
                                new SubscribeRequest("watch", null, "prices", "a = ", false, false, true))
                        .error);
    }

    @Test
    void rule9AChangedSelectorStartsAnew() {
        SimulatedClient client = SimulatedClient.open(front, "desk");
        UUID prices = client.topic("prices");
        SubscribeResponse all = client.subscribe("watch", "prices");
        client.send(prices, 0, "old");
        SubscribeResponse some = selecting(client, "JMSType IS NULL");
        assertNotEquals(all.incarnation(), some.incarnation());
        assertEquals(some.incarnation(), selecting(client, "JMSType IS NULL").incarnation());

        SubscribeResponse none = selecting(client, "JMSType = 'x'");
        assertNotEquals(some.incarnation(), none.incarnation());
        client.send(prices, 0, "new");
        client.ok(client.request(PenstockApi.ATTACH, client.attachDurable(1, 1, none, 10)));
        assertEquals(
                PenstockError.SUBSCRIPTION_IN_USE,
                client.request(
                                PenstockApi.SUBSCRIBE,
                                new SubscribeRequest("watch", null, "prices", null, false, false, true))
                        .error);
        client.ok(client.request(PenstockApi.DETACH, new DetachRequest(1, 1, List.of())));
        SubscribeResponse again = selecting(client, null);
        client.ok(client.request(PenstockApi.ATTACH, client.attachDurable(1, 2, again, 10)));
        client.send(prices, 0, "last");
        assertEquals("last", client.awaitMessage("last").text());
    }

    private static SubscribeResponse selecting(SimulatedClient client, String selector) {
        return client.ok(
                client.request(
                        PenstockApi.SUBSCRIBE,
                        new SubscribeRequest("watch", null, "prices", selector, false, false, true)),
                SubscribeResponse::read);
    }

    @Test
    void rule11ANonDurableSubscriptionLivesFromAttachToDetach() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID topic = client.topic("prices");
        client.send(topic, 0, "before");
        client.ok(client.request(PenstockApi.ATTACH, client.attach(1, 1, topic, AttachSource.NON_DURABLE, 1)));
        client.send(topic, 0, "a");
        client.send(topic, 0, "backlog");
        Received message = client.awaitMessages(1).get(0);
        assertEquals("a", message.text());
        client.ok(client.request(PenstockApi.DETACH, new DetachRequest(1, 1, List.of())));

        client.ok(client.settle(1, 1, Disposition.ACCEPT, message));
        client.ok(client.request(PenstockApi.ATTACH, client.attach(1, 2, topic, AttachSource.NON_DURABLE, 10)));
        client.send(topic, 0, "later");

        client.awaitMessages(2);
        assertEquals(List.of("a", "later"), client.texts());
    }

    @Test
    void rule14NoLocalOfAConnectionWithoutClientId() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID topic = client.topic("prices");
        client.ok(client.request(
                PenstockApi.ATTACH,
                new AttachRequest(
                        1, 1, topic, List.of(), AttachSource.NON_DURABLE, null, 0, null, true, false, 10, 1 << 20)));

        sendFrom(client, topic, 5000, client.sender(), "own");
        sendFrom(client, topic, 5001, "other", "foreign");

        client.awaitMessages(1);
        assertEquals(List.of("foreign"), client.texts());
    }

    @Test
    void manyChangesDoNotMakeTheLogGrow() {
        SimulatedClient client = SimulatedClient.open(front, "desk");
        client.topic("prices");
        client.subscribe("stays", "prices");
        for (int i = 0; i < 700; i++) {
            client.subscribe("watch", "prices");
            client.ok(client.request(PenstockApi.UNSUBSCRIBE, new UnsubscribeRequest("watch", null)));
        }
        front.kill();
        front.start();

        SimulatedClient again = SimulatedClient.open(front, "desk");
        assertEquals(1, again.subscribe("stays", "prices").incarnation());
        assertEquals(702, again.subscribe("watch", "prices").incarnation());
    }

    @Test
    void theSubscriptionIsFreeWhenItsClientIsDead() {
        SimulatedClient client = SimulatedClient.open(front, "desk");
        client.topic("prices");
        SubscribeResponse made = client.subscribe("watch", "prices");
        client.ok(client.request(PenstockApi.ATTACH, client.attachDurable(1, 1, made, 10)));
        client.socket.close("killed");
        front.runFor(1);

        SimulatedClient again = SimulatedClient.open(front, "desk");
        SubscribeResponse found = again.subscribe("watch", "prices");
        again.ok(again.request(PenstockApi.ATTACH, again.attachDurable(1, 1, found, 10)));
        again.ok(again.request(PenstockApi.CLOSE_SESSION, new CloseSessionRequest(1, List.of())));
        assertEquals(PenstockError.NONE, unsubscribe(again, "watch"));
        again.ok(again.request(PenstockApi.CLOSE_CONNECTION, new CloseConnectionRequest()));
    }

    private static void sendFrom(SimulatedClient client, UUID topic, long producer, String sender, String text) {
        client.ok(client.request(
                PenstockApi.SEND,
                new SendRequest(
                        1,
                        SendDurability.TOPIC,
                        List.of(new SendEntry(topic, 0, SimulatedClient.batch(producer, 0, sender, text))))));
    }

    private static PenstockError subscribe(SimulatedClient client, String name, String topic) {
        return client.request(PenstockApi.SUBSCRIBE, new SubscribeRequest(name, null, topic, null, false, false, true))
                .error;
    }

    private static PenstockError unsubscribe(SimulatedClient client, String name) {
        return client.request(PenstockApi.UNSUBSCRIBE, new UnsubscribeRequest(name, null)).error;
    }

    private static List<String> texts(List<Received> messages) {
        return messages.stream().map(Received::text).toList();
    }
}
