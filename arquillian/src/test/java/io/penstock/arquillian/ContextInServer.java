package io.penstock.arquillian;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.arquillian.app.Sender;
import io.penstock.arquillian.app.SenderServlet;
import java.util.List;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The injected context and connections of the injected factory, in and out of the container's transactions. */
class ContextInServer extends ServerTest {
    private Application application;

    @Deployment(name = "context", managed = false, testable = false)
    static WebArchive context() {
        return Application.war("context", Sender.class, SenderServlet.class);
    }

    @BeforeEach
    void deployApplication() {
        application = deploy("context");
    }

    @Test
    void whatACommittedTransactionSentArrives() {
        try (Jms jms = new Jms(broker())) {
            application.call("send", "queue", "ee.context", "text", "committed");

            assertEquals("committed", jms.receive("ee.context"));
        }
    }

    @Test
    void whatARolledBackTransactionSentDoesNot() {
        try (Jms jms = new Jms(broker())) {
            application.call("send", "queue", "ee.context-back", "text", "rolled back", "rollback", "");
            application.call("send", "queue", "ee.context-back", "text", "committed");

            assertEquals("committed", jms.receive("ee.context-back"));
            assertEquals(List.of(), jms.browse("ee.context-back"));
        }
    }

    @Test
    void aConnectionOfTheFactoryTakesPartInTheTransaction() {
        try (Jms jms = new Jms(broker())) {
            application.call("send-by-connection", "queue", "ee.connection", "text", "rolled back", "rollback", "");
            application.call("send-by-connection", "queue", "ee.connection", "text", "committed");

            assertEquals("committed", jms.receive("ee.connection"));
            assertEquals(List.of(), jms.browse("ee.connection"));
        }
    }

    @Test
    void withoutATransactionASendIsThereAtOnce() {
        try (Jms jms = new Jms(broker())) {
            application.call("send-without-transaction", "queue", "ee.without", "text", "at once");

            assertEquals(List.of("at once"), jms.browse("ee.without"));
        }
    }

    @Test
    void whatARolledBackTransactionTookComesAgain() {
        try (Jms jms = new Jms(broker())) {
            jms.send("ee.taken", "one");

            assertEquals("one", application.call("receive", "queue", "ee.taken", "rollback", ""));
            assertEquals("one", application.call("receive", "queue", "ee.taken"));
            assertEquals(List.of(), jms.browse("ee.taken"));
        }
    }
}
