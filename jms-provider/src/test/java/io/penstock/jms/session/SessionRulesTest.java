package io.penstock.jms.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.message.DeserializationPolicy;
import io.penstock.jms.session.FakeEngine.FakeConsumer;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The session's logic against an engine without a broker; the numbers are those of JMS-RULES.md. One class, so that the
 * rules are read one after the other.
 */
@Timeout(30)
class SessionRulesTest {
    private final FakeEngine engine = new FakeEngine();

    private static String body(Message message) throws JMSException {
        return message == null
                ? null
                : ((TextMessage) message).getText() + "x" + message.getIntProperty("JMSXDeliveryCount");
    }

    private PenstockConnection started() throws JMSException {
        PenstockConnection connection = engine.connection();
        connection.start();
        return connection;
    }

    private static void eventually(Condition condition) throws Exception {
        eventually(condition, () -> "never came true");
    }

    private static void eventually(Condition condition, Supplier<?> why) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < deadline, () -> why.get().toString());
            Thread.sleep(2);
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    @Test
    void rule1AcknowledgeTakesAllThatTheSessionHasDelivered() throws Exception {
        Session session = started().createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer a = session.createConsumer(FakeMessages.queue("a"));
        MessageConsumer b = session.createConsumer(FakeMessages.queue("b"));
        engine.consumers.get(0).push("a0", "a1", "a2");
        engine.consumers.get(1).push("b0");
        Message first = a.receive(5000);
        a.receive(5000);
        b.receive(5000);

        first.acknowledge();

        String last = engine.words().get(engine.words().size() - 1);
        assertTrue(last.startsWith("COMMITTED"), last);
        assertTrue(last.contains("ACCEPTED 1[0..1]") && last.contains("ACCEPTED 2[0..0]"), last);
    }

    @Test
    void rule2RecoverBeginsAgainInOrderWithACountMore() throws Exception {
        Session session = started().createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(0).push("m0", "m1", "m2");
        consumer.receive(5000).acknowledge();
        assertEquals("m1x1", body(consumer.receive(5000)));
        assertEquals("m2x1", body(consumer.receive(5000)));

        session.recover();

        Message again = consumer.receive(5000);
        assertTrue(again.getJMSRedelivered());
        assertEquals("m1x2", body(again));
        session.recover();
        assertEquals("m1x3", body(consumer.receive(5000)));
        assertEquals("m2x2", body(consumer.receive(5000)));
    }

    @Test
    void rule2RollbackBeginsAgainAndForgetsWhatWasSent() throws Exception {
        Session session = started().createSession(true, 0);
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        MessageProducer producer = session.createProducer(FakeMessages.queue("q"));
        engine.consumers.get(0).push("m0", "m1");
        consumer.receive(5000);
        producer.send(FakeMessages.text("out"));

        session.rollback();
        assertEquals("m0x2", body(consumer.receive(5000)));
        session.commit();

        assertTrue(
                engine.words().get(engine.words().size() - 1).startsWith("commit 0 sends"),
                engine.words().toString());
    }

    @Test
    void rule3WhatWasHandedOutIsMarkedBeforeTheNextAndPrefetchedMessagesAreNot() throws Exception {
        Session session = started().createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(0).push("m0", "m1", "m2");
        consumer.receive(5000);
        consumer.receive(5000);
        assertTrue(
                engine.words().contains("ON_SOCKET MARKED 1[0..0]"),
                engine.words().toString());

        consumer.close();
        session.close();

        assertTrue(
                engine.words().contains("detach 1 {0=[2..2]}"), engine.words().toString());
        assertFalse(
                engine.words().toString().contains("ACCEPTED"), engine.words().toString());
    }

    @Test
    void rule3WhatCrossesTheCloseOfAConsumerGoesBackBeforeCloseReturns() throws Exception {
        Session session = started().createSession();
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        FakeConsumer fake = engine.consumers.get(0);
        fake.onDetach = () -> fake.push("m0", "m1");

        consumer.close();

        assertEquals(List.of("detach 1 {}", "SENT_SOON RELEASED 1[0..1]"), engine.words());
        fake.push("m2");
        while (!engine.words().contains("SENT_SOON RELEASED 1[2..2]")) {
            Thread.onSpinWait();
        }
    }

    @Test
    void rule3WhatTheBrokerNeverHeardOfIsCountedByTheProcess() throws Exception {
        MessageConsumer consumer =
                started().createSession(Session.CLIENT_ACKNOWLEDGE).createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(0).push("m0", "m1");
        assertEquals("m0x1", body(consumer.receive(5000)));
        engine.observer.failed(new JMSException("the broker was killed"));
        assertThrows(JMSException.class, () -> {
            while (consumer.receive(5000) != null) {
                // Prefetched messages may still be handed out.
            }
        });

        // Pushed with the count that the broker knows of.
        Session session = started().createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer later = session.createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(1).push("m0", "m1");
        Message again = later.receive(5000);
        assertEquals("m0x2", body(again));
        assertTrue(again.getJMSRedelivered());
        later.receive(5000);
        // One mark for the hand-out that the broker has missed, one for this; before the second hand-out, or a little
        // earlier where that took long.
        assertTrue(
                engine.words().stream().anyMatch(word -> word.endsWith(" MARKED 2[0..0] MARKED 2[0..0]")),
                () -> engine.words().toString());
        session.recover();
        assertEquals("m0x3", body(later.receive(5000)));
    }

    /** The other connection may be back earlier, and be given what this one holds when its grace is over. */
    @Test
    void rule3WhatAnInterruptedConnectionHoldsIsCountedByTheOthers() throws Exception {
        MessageConsumer consumer =
                started().createSession(Session.CLIENT_ACKNOWLEDGE).createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(0).push("m0", "m1");
        assertEquals("m0x1", body(consumer.receive(5000)));
        engine.sessions.get(0).state.interrupted();
        assertNull(consumer.receive(50), "the broker may give it to others");

        MessageConsumer other =
                started().createSession(Session.CLIENT_ACKNOWLEDGE).createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(1).push("m0", "m1");
        assertEquals("m0x2", body(other.receive(5000)));
        assertEquals("m1x1", body(other.receive(5000)));
    }

    @Test
    void rule3AHandOutInARunningListenerIsCountedByTheProcess() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch told = new CountDownLatch(1);
        PenstockConnection connection = started();
        connection.setExceptionListener(lost -> told.countDown());
        connection.createSession().createConsumer(FakeMessages.queue("q")).setMessageListener(message -> {
            inside.countDown();
            awaitQuietly(over);
        });
        engine.consumers.get(0).push("m0");
        assertTrue(inside.await(5, TimeUnit.SECONDS));
        engine.observer.failed(new JMSException("the broker was killed"));
        assertTrue(told.await(5, TimeUnit.SECONDS));

        MessageConsumer later = started().createSession().createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(1).push("m0");
        assertEquals("m0x2", body(later.receive(5000)));
        over.countDown();
    }

    @Test
    void rule3ACommitOfUnknownOutcomeIsCountedByTheProcess() throws Exception {
        Session session = started().createSession(true, 0);
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(0).push("m0");
        consumer.receive(5000);
        engine.commitFailure = new JMSException("no answer");
        assertThrows(JMSException.class, session::commit);

        MessageConsumer later = session.createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(1).push("m0");
        assertEquals("m0x2", body(later.receive(5000)));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void rule4ListenerThatThrowsGetsTheMessageAgainInAuto() throws Exception {
        Session session = started().createSession(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        BlockingQueue<String> got = new LinkedBlockingQueue<>();
        consumer.setMessageListener(message -> {
            String body = text(message);
            got.add(body);
            if (body.equals("m0x1")) {
                throw new IllegalArgumentException("on purpose");
            }
        });
        engine.consumers.get(0).push("m0", "m1");

        assertEquals("m0x1", got.poll(5, TimeUnit.SECONDS));
        assertEquals("m0x2", got.poll(5, TimeUnit.SECONDS));
        assertEquals("m1x1", got.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void rule4ListenerThatEndsWithAnErrorDoesNotEndTheDispatching() throws Exception {
        Session session = started().createSession(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        BlockingQueue<String> got = new LinkedBlockingQueue<>();
        consumer.setMessageListener(message -> {
            String body = text(message);
            got.add(body);
            if (body.equals("m0x1")) {
                throw new NoClassDefFoundError("on purpose");
            }
        });
        engine.consumers.get(0).push("m0", "m1");

        assertEquals("m0x1", got.poll(5, TimeUnit.SECONDS));
        assertEquals("m0x2", got.poll(5, TimeUnit.SECONDS));
        assertEquals("m1x1", got.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void rule21CallbackThatEndsWithAnErrorDoesNotHoldUpTheClose() throws Exception {
        Session session = started().createSession();
        MessageProducer producer = session.createProducer(FakeMessages.queue("q"));
        BlockingQueue<String> called = new LinkedBlockingQueue<>();
        for (int i = 0; i < 2; i++) {
            producer.send(FakeMessages.text("m" + i), new jakarta.jms.CompletionListener() {
                @Override
                public void onCompletion(Message message) {
                    called.add(message.toString());
                    throw new AssertionError("on purpose");
                }

                @Override
                public void onException(Message message, Exception exception) {
                    called.add(message + " failed");
                }
            });
        }
        session.close();
        assertEquals(List.of("m0", "m1"), List.copyOf(called));
    }

    @Test
    void rule21SlowCallbacksHoldTheSenderBackAndNotForEver() throws Exception {
        Session session = started().createSession();
        MessageProducer producer = session.createProducer(FakeMessages.queue("q"));
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger called = new AtomicInteger();
        CountDownLatch more = new CountDownLatch(1);
        jakarta.jms.CompletionListener slow = new jakarta.jms.CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                called.incrementAndGet();
            }

            @Override
            public void onException(Message message, Exception exception) {
                called.addAndGet(1_000_000);
            }
        };
        for (int i = 0; i < CompletionQueue.SENDS_MAX; i++) {
            producer.send(FakeMessages.text("m"), slow);
        }
        Thread sender = new Thread(() -> {
            try {
                producer.send(FakeMessages.text("one more"), slow);
                more.countDown();
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        sender.start();
        while (sender.getState() != Thread.State.TIMED_WAITING) {
            assertTrue(sender.isAlive(), "it was not held back");
            Thread.onSpinWait();
        }
        assertEquals(1, more.getCount());

        go.countDown();

        assertTrue(more.await(10, TimeUnit.SECONDS));
        session.close();
        assertEquals(CompletionQueue.SENDS_MAX + 1, called.get());
    }

    @Test
    void rule21ACallbackMaySendThoughAllTheRoomIsTaken() throws Exception {
        Session session = started().createSession();
        MessageProducer producer = session.createProducer(FakeMessages.queue("q"));
        CountDownLatch full = new CountDownLatch(1);
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        AtomicInteger called = new AtomicInteger();
        for (int i = 0; i < CompletionQueue.SENDS_MAX; i++) {
            producer.send(FakeMessages.text("m"), new jakarta.jms.CompletionListener() {
                @Override
                public void onCompletion(Message message) {
                    try {
                        full.await();
                        if (called.getAndIncrement() == 0) {
                            producer.send(FakeMessages.text("from a callback"), this);
                        }
                    } catch (JMSException | InterruptedException e) {
                        failures.add(e);
                    }
                }

                @Override
                public void onException(Message message, Exception exception) {
                    failures.add(exception);
                }
            });
        }
        full.countDown();
        session.close();
        assertEquals(List.of(), failures);
        assertEquals(CompletionQueue.SENDS_MAX + 1, called.get());
    }

    @Test
    void rule3ListenerThatTakesItsTimeIsMarkedWhileItRuns() throws Exception {
        Session session = started().createSession(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        CountDownLatch go = new CountDownLatch(1);
        BlockingQueue<String> got = new LinkedBlockingQueue<>();
        consumer.setMessageListener(message -> {
            String body = text(message);
            got.add(body);
            if (body.equals("m0x1")) {
                JmsExceptions.unchecked(() -> {
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
                throw new IllegalArgumentException("on purpose");
            }
        });
        engine.consumers.get(0).push("m0");
        eventually(() -> engine.words().contains("SENT_SOON MARKED 1[0..0]"));
        go.countDown();
        assertEquals("m0x1", got.poll(5, TimeUnit.SECONDS));
        assertEquals("m0x2", got.poll(5, TimeUnit.SECONDS));
        eventually(() -> engine.words().toString().contains("ACCEPTED 1[0..0]"));
        // Marked once for the first hand-out, and not again when that failed.
        assertEquals(
                1,
                engine.words().stream().filter(line -> line.contains("MARKED")).count(),
                engine.words().toString());
    }

    @Test
    void prefetchOfOneAsksForTheNextMessageWhenTheListenerIsDone() throws Exception {
        SessionOptions oneByOne =
                new SessionOptions(new Prefetch(1, 100_000), true, true, null, false, DeserializationPolicy.STRICT);
        PenstockConnection connection = engine.connection(oneByOne, Domain.ANY);
        connection.start();
        MessageConsumer consumer = connection.createSession().createConsumer(FakeMessages.queue("q"));
        BlockingQueue<Boolean> credited = new LinkedBlockingQueue<>();
        consumer.setMessageListener(message -> credited.add(engine.log.contains("credit 1 1")));
        engine.consumers.get(0).push("m0");
        assertFalse(credited.poll(5, TimeUnit.SECONDS));
        eventually(() -> engine.log.contains("credit 1 1"));
    }

    @Test
    void rule4ListenerThatThrowsGoesOnInClientAcknowledge() throws Exception {
        Session session = started().createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        BlockingQueue<String> got = new LinkedBlockingQueue<>();
        consumer.setMessageListener(message -> {
            got.add(text(message));
            throw new IllegalArgumentException("on purpose");
        });
        engine.consumers.get(0).push("m0", "m1");

        assertEquals("m0x1", got.poll(5, TimeUnit.SECONDS));
        assertEquals("m1x1", got.poll(5, TimeUnit.SECONDS));
        assertNull(got.poll(50, TimeUnit.MILLISECONDS));
    }

    private static String text(Message message) {
        return JmsExceptions.unchecked(() -> body(message));
    }

    @Test
    void rule5BodyOfAnotherTypeComesAgainUncountedInAutoAndCountsInClient() throws Exception {
        PenstockContext auto = PenstockContext.first(started(), Session.AUTO_ACKNOWLEDGE);
        PenstockConsumer consumer = (PenstockConsumer) auto.session().createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(0).push("m0");
        assertThrows(MessageFormatException.class, () -> consumer.receiveBody(byte[].class, 5_000_000_000L));
        assertEquals("m0x1", body(consumer.receive(5000)));

        PenstockContext client = PenstockContext.first(started(), Session.CLIENT_ACKNOWLEDGE);
        PenstockConsumer second = (PenstockConsumer) client.session().createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(1).push("m0");
        assertThrows(MessageFormatException.class, () -> second.receiveBody(byte[].class, 5_000_000_000L));
        client.recover();
        assertEquals("m0x2", body(second.receive(5000)));
    }

    @Test
    void rule6AutoSettlesOnTheSocketBeforeTheNextIsHandedOut() throws Exception {
        Session session = started().createSession(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        BlockingQueue<String> words = new LinkedBlockingQueue<>();
        consumer.setMessageListener(message -> words.add(text(message) + " after " + engine.words()));
        engine.consumers.get(0).push("m0", "m1", "m2");

        assertEquals("m0x1 after []", words.poll(5, TimeUnit.SECONDS));
        assertEquals("m1x1 after [ON_SOCKET ACCEPTED 1[0..0]]", words.poll(5, TimeUnit.SECONDS));
        assertEquals(
                "m2x1 after [ON_SOCKET ACCEPTED 1[0..0], ON_SOCKET ACCEPTED 1[1..1]]", words.poll(5, TimeUnit.SECONDS));
        eventually(() -> engine.words().size() == 3);
    }

    @Test
    void rule6NonPersistentIsSettledBeforeItIsHandedOut() throws Exception {
        Session session = started().createSession(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(0).push(1, 0, false, "m0");
        consumer.receive(5000);
        assertEquals(List.of("ON_SOCKET ACCEPTED 1[0..0]"), engine.words());
    }

    @Test
    void rule6SynchronousReceiptIsSettledWithoutAnotherCall() throws Exception {
        Session session = started().createSession(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(0).push("m0");
        consumer.receive(5000);
        eventually(() -> engine.words().contains("SENT_SOON ACCEPTED 1[0..0]"));
    }

    @Test
    void rule6RolledBackCommitBringsTheMessagesAgainAndAnUnknownOneDoesNot() throws Exception {
        Session session = started().createSession(true, 0);
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(0).push("m0", "m1");
        consumer.receive(5000);
        engine.commitFailure = new TransactionRolledBackException("certain");
        assertThrows(TransactionRolledBackException.class, session::commit);
        assertEquals("m0x2", body(consumer.receive(5000)));

        engine.commitFailure = new JMSException("unknown");
        assertThrows(JMSException.class, session::commit);
        assertEquals("m1x1", body(consumer.receive(5000)));
    }

    @Test
    void rule13ClientIdComesBeforeAnythingElse() throws Exception {
        PenstockConnection connection = engine.connection();
        connection.setClientID("me");
        assertEquals("me", connection.getClientID());
        assertThrows(IllegalStateException.class, () -> connection.setClientID("you"));

        PenstockConnection used = engine.connection();
        used.createSession();
        assertThrows(IllegalStateException.class, () -> used.setClientID("late"));
        assertEquals(List.of("identify me"), engine.words());
    }

    @Test
    void rule8DurableSubscriptionNeedsAClientId() throws Exception {
        Session session = started().createSession();
        assertThrows(IllegalStateException.class, () -> session.createDurableConsumer(FakeMessages.topic("t"), "name"));
    }

    @Test
    void rule19ExpiredMessagesAreSettledAndNotDelivered() throws Exception {
        Session session = started().createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        FakeConsumer fake = engine.consumers.get(0);
        fake.push(1, 1, true, "old");
        fake.push("new");
        assertEquals("newx1", body(consumer.receive(5000)));
        eventually(() -> engine.words().toString().contains("ACCEPTED 1[0..0]"));
    }

    @Test
    void rule20HintsLeaveIdAndTimestampOut() throws Exception {
        Session session = started().createSession();
        MessageProducer producer = session.createProducer(FakeMessages.queue("q"));
        TextMessage message = FakeMessages.text("m");
        producer.send(message);
        assertTrue(message.getJMSMessageID().startsWith("ID:"));
        String first = message.getJMSMessageID();
        producer.send(message);
        assertNotEquals(first, message.getJMSMessageID());
        producer.setDisableMessageID(true);
        producer.setDisableMessageTimestamp(true);
        producer.send(message);
        assertNull(message.getJMSMessageID());
        assertEquals(0, message.getJMSTimestamp());
    }

    @Test
    void rule21CallbacksComeInOrderOnAnotherThreadAndMayNotClose() throws Exception {
        PenstockConnection connection = started();
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(FakeMessages.queue("q"));
        engine.holdSends = true;
        List<String> called = new CopyOnWriteArrayList<>();
        List<Throwable> refusals = new CopyOnWriteArrayList<>();
        AtomicInteger onSender = new AtomicInteger();
        Thread sender = Thread.currentThread();
        for (int i = 0; i < 3; i++) {
            producer.send(FakeMessages.text("m" + i), new jakarta.jms.CompletionListener() {
                @Override
                public void onCompletion(Message message) {
                    if (Thread.currentThread() == sender) {
                        onSender.incrementAndGet();
                    }
                    refusals.add(assertThrows(IllegalStateException.class, session::close));
                    refusals.add(assertThrows(IllegalStateException.class, producer::close));
                    refusals.add(assertThrows(IllegalStateException.class, connection::close));
                    called.add(message.toString());
                }

                @Override
                public void onException(Message message, Exception exception) {
                    called.add(message + " failed");
                }
            });
        }
        engine.heldSends.get(2).complete(null);
        engine.heldSends.get(1).completeExceptionally(new JMSException("no"));
        CountDownLatch closed = new CountDownLatch(1);
        new Thread(() -> {
                    JmsExceptions.unchecked(session::close);
                    closed.countDown();
                })
                .start();
        assertFalse(closed.await(50, TimeUnit.MILLISECONDS));
        engine.heldSends.get(0).complete(null);
        assertTrue(closed.await(5, TimeUnit.SECONDS));
        assertEquals(List.of("m0", "m1 failed", "m2"), called);
        assertEquals(6, refusals.size());
        assertEquals(0, onSender.get());
    }

    @Test
    void rule22CloseEndsReceivesAndRefusesALaterAcknowledge() throws Exception {
        PenstockConnection connection = started();
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(0).push("m0");
        Message message = consumer.receive(5000);
        BlockingQueue<String> result = new LinkedBlockingQueue<>();
        Thread receiver =
                new Thread(() -> result.add(String.valueOf(JmsExceptions.unchecked(() -> consumer.receive()))));
        receiver.start();
        eventually(() -> receiver.getState() == Thread.State.WAITING);

        connection.close();
        connection.close();

        assertEquals("null", result.poll(5, TimeUnit.SECONDS));
        assertThrows(IllegalStateException.class, message::acknowledge);
        assertThrows(IllegalStateException.class, session::createMessage);
        assertFalse(engine.words().toString().contains("ACCEPTED"));
    }

    @Test
    void rule22CloseWaitsForTheListenerAndIsRefusedInside() throws Exception {
        PenstockConnection connection = started();
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicReference<Throwable> refusal = new AtomicReference<>();
        consumer.setMessageListener(message -> {
            refusal.set(assertThrows(IllegalStateException.class, session::close));
            assertThrows(IllegalStateException.class, connection::close);
            assertThrows(IllegalStateException.class, connection::stop);
            inside.countDown();
            JmsExceptions.unchecked(() -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        });
        engine.consumers.get(0).push("m0", "m1");
        inside.await();
        CountDownLatch closed = new CountDownLatch(1);
        new Thread(() -> {
                    JmsExceptions.unchecked(connection::close);
                    closed.countDown();
                })
                .start();
        assertFalse(closed.await(50, TimeUnit.MILLISECONDS));
        go.countDown();
        assertTrue(closed.await(5, TimeUnit.SECONDS));
        assertInstanceOf(IllegalStateException.class, refusal.get());
        assertTrue(
                engine.words().toString().contains("ACCEPTED 1[0..0]"),
                engine.words().toString());
    }

    @Test
    void rule22ConsumerMayCloseItselfInItsListener() throws Exception {
        Session session = started().createSession();
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        BlockingQueue<String> got = new LinkedBlockingQueue<>();
        consumer.setMessageListener(message -> {
            got.add(text(message));
            JmsExceptions.unchecked(consumer::close);
        });
        engine.consumers.get(0).push("m0", "m1");
        assertEquals("m0x1", got.poll(5, TimeUnit.SECONDS));
        eventually(() -> engine.words().toString().contains("ACCEPTED 1[0..0]"));
        assertTrue(
                engine.words().contains("detach 1 {0=[1..1]}"), engine.words().toString());
        assertTrue(got.isEmpty());
    }

    @Test
    void rule23StoppedReceivesTimeOutAndSendsGoOn() throws Exception {
        PenstockConnection connection = started();
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(FakeMessages.queue("q"));
        MessageProducer producer = session.createProducer(FakeMessages.queue("q"));
        engine.consumers.get(0).push("m0");
        connection.stop();
        assertNull(consumer.receive(20));
        assertNull(consumer.receiveNoWait());
        producer.send(FakeMessages.text("out"));
        connection.start();
        assertEquals("m0x1", body(consumer.receive(5000)));
    }

    @Test
    void rule24OneListenerAtATimeInASession() throws Exception {
        Session session = started().createSession();
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(40);
        for (int i = 0; i < 4; i++) {
            session.createConsumer(FakeMessages.queue("q" + i)).setMessageListener(message -> {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                Thread.yield();
                inside.decrementAndGet();
                all.countDown();
            });
        }
        for (int i = 0; i < 4; i++) {
            engine.consumers.get(i).push("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        }
        assertTrue(all.await(10, TimeUnit.SECONDS));
        assertEquals(1, most.get());
        assertThrows(IllegalStateException.class, () -> session.createConsumer(FakeMessages.queue("other"))
                .receiveNoWait());
    }

    @Test
    void rule24LossOfTheConnectionFailsReceivesAndTellsTheListenerOnce() throws Exception {
        PenstockConnection connection = started();
        BlockingQueue<JMSException> told = new LinkedBlockingQueue<>();
        connection.setExceptionListener(told::add);
        MessageConsumer consumer = connection.createSession().createConsumer(FakeMessages.queue("q"));
        BlockingQueue<Throwable> result = new LinkedBlockingQueue<>();
        new Thread(() -> result.add(assertThrows(JMSException.class, consumer::receive))).start();
        engine.observer.failed(new JMSException("the cable is cut"));

        assertEquals("the cable is cut", result.poll(5, TimeUnit.SECONDS).getMessage());
        assertEquals("the cable is cut", told.poll(5, TimeUnit.SECONDS).getMessage());
        assertThrows(JMSException.class, connection::createSession);
        connection.close();
        assertTrue(told.isEmpty());
    }

    @Test
    void receiveNoWaitAsksTheBrokerBeforeItSaysNo() throws Exception {
        MessageConsumer consumer = started().createSession().createConsumer(FakeMessages.queue("q"));
        FakeConsumer fake = engine.consumers.get(0);
        fake.onDrain = () -> fake.push("m0");
        assertEquals("m0x1", body(consumer.receiveNoWait()));
    }

    @Test
    void aConsumerWhoseMakingWasGivenUpIsDetachedWhenItIsThereAfterAll() throws Exception {
        Session session = started().createSession();
        engine.heldAttach = new CompletableFuture<>();
        Thread.currentThread().interrupt();
        assertThrows(JMSException.class, () -> session.createConsumer(FakeMessages.queue("q")));
        assertTrue(Thread.interrupted());

        engine.consumers.get(0).push("m0", "m1");
        engine.answerAttach();
        eventually(() -> engine.words().contains("detach 1 {0=[0..1]}"), () -> engine.words());
    }

    @Test
    void creditIsGivenWhenHalfIsTaken() throws Exception {
        MessageConsumer consumer = started().createSession().createConsumer(FakeMessages.queue("q"));
        engine.consumers.get(0).push("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        for (int i = 0; i < 5; i++) {
            consumer.receive(5000);
        }
        assertFalse(engine.log.contains("credit 1 5"));
        consumer.receive(5000);
        assertTrue(engine.log.contains("credit 1 5"), engine.log.toString());
    }

    @Test
    void autoGroupMakesWhatASessionSendsOneGroup() throws Exception {
        SessionOptions options =
                new SessionOptions(new Prefetch(10, 100_000), true, true, null, true, DeserializationPolicy.STRICT);
        PenstockConnection connection = engine.connection(options, Domain.ANY);
        List<String> groups = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Session session = connection.createSession();
            for (int j = 0; j < 2; j++) {
                Message message = session.createMessage();
                session.createProducer(FakeMessages.queue("q")).send(message);
                groups.add(message.getStringProperty("JMSXGroupID"));
            }
        }
        assertEquals(groups.get(0), groups.get(1));
        assertEquals(groups.get(2), groups.get(3));
        assertNotEquals(groups.get(0), groups.get(2));
    }

    @Test
    void rule28OtherDomainsMethodsAreRefused() throws Exception {
        SessionOptions options =
                new SessionOptions(new Prefetch(10, 100_000), true, true, null, false, DeserializationPolicy.STRICT);
        var queues = engine.connection(options, Domain.QUEUE).createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        var topics = engine.connection(options, Domain.TOPIC).createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        assertThrows(IllegalStateException.class, () -> queues.createTopic("t"));
        assertThrows(IllegalStateException.class, () -> queues.createTemporaryTopic());
        assertThrows(IllegalStateException.class, () -> queues.createDurableSubscriber(FakeMessages.topic("t"), "n"));
        assertThrows(IllegalStateException.class, () -> queues.createDurableConsumer(FakeMessages.topic("t"), "n"));
        assertThrows(IllegalStateException.class, () -> queues.createSharedConsumer(FakeMessages.topic("t"), "n"));
        assertThrows(
                IllegalStateException.class, () -> queues.createSharedDurableConsumer(FakeMessages.topic("t"), "n"));
        assertThrows(IllegalStateException.class, () -> queues.unsubscribe("n"));
        assertThrows(IllegalStateException.class, () -> topics.createQueue("q"));
        assertThrows(IllegalStateException.class, () -> topics.createTemporaryQueue());
        assertThrows(IllegalStateException.class, () -> topics.createBrowser(FakeMessages.queue("q")));
        assertThrows(IllegalStateException.class, () -> engine.connection(options, Domain.QUEUE)
                .createDurableConnectionConsumer(FakeMessages.topic("t"), "n", null, null, 1));
    }
}
