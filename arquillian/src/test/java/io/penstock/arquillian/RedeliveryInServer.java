package io.penstock.arquillian;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.arquillian.app.RefusingBean;
import java.util.List;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;

/** What a bean refuses comes again, flagged and counted, until it is a dead letter. */
class RedeliveryInServer extends ServerTest {
    @Deployment(name = "refusing", managed = false, testable = false)
    static WebArchive refusing() {
        return Application.war("refusing", RefusingBean.class);
    }

    @Test
    void aRolledBackMessageComesAgain() {
        Application application = deploy("refusing");
        try (Jms jms = new Jms(broker())) {
            jms.send("ee.refused", "roll back 2");

            assertEquals(
                    List.of("roll back 2: 1 first", "roll back 2: 2 again", "roll back 2: 3 again"),
                    application.awaitJournal("roll back 2", 3));
            Await.until("the third delivery is settled", () -> jms.browse("ee.refused")
                    .isEmpty());
        }
    }

    @Test
    void aMessageWhoseBeanThrowsComesAgain() {
        Application application = deploy("refusing");
        try (Jms jms = new Jms(broker())) {
            jms.send("ee.refused", "throw 1");

            assertEquals(List.of("throw 1: 1 first", "throw 1: 2 again"), application.awaitJournal("throw 1", 2));
            Await.until("the second delivery is settled", () -> jms.browse("ee.refused")
                    .isEmpty());
        }
    }

    @Test
    void aMessageThatIsAlwaysRefusedBecomesADeadLetter() throws Exception {
        Application application = deploy("refusing");
        broker().run("settings", "set", "ee.refused", "max-delivery-attempts=4");
        try (Jms jms = new Jms(broker())) {
            jms.send("ee.refused", "roll back 99");

            assertEquals("roll back 99", jms.receive("DLQ"));
            assertEquals(4, application.journalOf("roll back 99").size());
        }
    }
}
