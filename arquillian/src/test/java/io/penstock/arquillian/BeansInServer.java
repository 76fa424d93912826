package io.penstock.arquillian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.arquillian.app.ConcurrentBean;
import io.penstock.arquillian.app.DurableBean;
import io.penstock.arquillian.app.OtherSharedBean;
import io.penstock.arquillian.app.QueueBean;
import io.penstock.arquillian.app.SelectorBean;
import io.penstock.arquillian.app.SharedBean;
import io.penstock.arquillian.app.TopicBean;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;

/** Message-driven beans on every kind of destination and subscription. */
class BeansInServer extends ServerTest {
    @Deployment(name = "beans", managed = false, testable = false)
    static WebArchive beans() {
        return Application.war("beans", QueueBean.class, TopicBean.class, SelectorBean.class, ConcurrentBean.class);
    }

    @Deployment(name = "durable", managed = false, testable = false)
    static WebArchive durable() {
        return Application.war("durable", DurableBean.class);
    }

    @Deployment(name = "shared", managed = false, testable = false)
    static WebArchive shared() {
        return Application.war("shared", SharedBean.class, OtherSharedBean.class);
    }

    @Test
    void aBeanReceivesFromItsQueueEachMessageOnce() {
        Application application = deploy("beans");
        String[] texts = numbered(20);
        try (Jms jms = new Jms(broker())) {
            jms.send("ee.queue", texts);

            List<String> lines = new ArrayList<>(application.awaitJournal("queue ", 20));

            lines.sort(null);
            assertEquals(expected("queue ", texts), lines);
            // Settled, not only taken.
            Await.until("the queue is empty", () -> jms.browse("ee.queue").isEmpty());
        }
    }

    @Test
    void aBeanReceivesFromItsTopic() {
        Application application = deploy("beans");
        try (Jms jms = new Jms(broker())) {
            jms.publish("ee.topic", "all", "of", "it");

            assertEquals(3, application.awaitJournal("topic ", 3).size());
        }
    }

    @Test
    void aBeanReceivesWhatItsSelectorMatchesAndTheRestStays() {
        Application application = deploy("beans");
        try (Jms jms = new Jms(broker())) {
            jms.sendWith("ee.selector", "colour", "blue", "sea");
            jms.sendWith("ee.selector", "colour", "red", "poppy");

            assertEquals(List.of("selector poppy"), application.awaitJournal("selector ", 1));
            assertEquals("sea", jms.receive("ee.selector"));
        }
    }

    @Test
    void aBeanWorksOnAsManyMessagesAtOnceAsItSays() {
        Application application = deploy("beans");
        try (Jms jms = new Jms(broker())) {
            jms.send("ee.concurrent", numbered(8));

            // Each group of four waits for its fourth; a fifth would be noted as such.
            List<String> lines = application.awaitJournal("concurrent ", 8);

            assertEquals(List.of(), application.journalOf("alone"));
            assertTrue(
                    lines.stream().allMatch(line -> Integer.parseInt(line.substring("concurrent ".length())) <= 4),
                    lines.toString());
        }
    }

    @Test
    void aDurableBeanReceivesWhatWasPublishedWhileItWasAway() {
        try (Jms jms = new Jms(broker())) {
            Application application = deploy("durable");
            jms.publish("ee.durable", "here");
            assertEquals(List.of("durable here"), application.awaitJournal("durable ", 1));

            undeploy("durable");
            jms.publish("ee.durable", "away");
            application = deploy("durable");

            assertEquals(List.of("durable away"), application.awaitJournal("durable ", 1));
        }
    }

    @Test
    void beansOfASharedSubscriptionReceiveEachMessageOnceTogether() {
        Application application = deploy("shared");
        String[] texts = numbered(20);
        try (Jms jms = new Jms(broker())) {
            jms.publish("ee.shared", texts);

            List<String> received = new ArrayList<>();
            for (String line : application.awaitJournal("shared ", 20)) {
                received.add(line.replace("first ", "").replace("other ", ""));
            }

            received.sort(null);
            assertEquals(expected("shared ", texts), received);
        }
    }

    private static String[] numbered(int count) {
        return IntStream.range(0, count).mapToObj(i -> "message-" + i).toArray(String[]::new);
    }

    private static List<String> expected(String prefix, String[] texts) {
        List<String> lines = new ArrayList<>();
        for (String text : texts) {
            lines.add(prefix + text);
        }
        lines.sort(null);
        return lines;
    }
}
