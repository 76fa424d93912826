package io.penstock.arquillian;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.arquillian.app.Store;
import io.penstock.arquillian.app.StoreServlet;
import io.penstock.arquillian.app.StoringBean;
import java.util.List;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A database and queues in one transaction of two phases. */
class DatabaseInServer extends ServerTest {
    private Application application;

    @Deployment(name = "database", managed = false, testable = false)
    static WebArchive database() {
        return Application.war("database", Store.class, StoreServlet.class, StoringBean.class);
    }

    @BeforeEach
    void deployApplication() {
        application = deploy("database");
        application.call("create");
    }

    @Test
    void aCommitReachesBoth() {
        try (Jms jms = new Jms(broker())) {
            application.call("store", "text", "both", "queue", "ee.both");

            assertEquals("both", jms.receive("ee.both"));
            assertEquals("1", application.call("count", "text", "both"));
        }
    }

    @Test
    void aRollbackReachesNeither() {
        try (Jms jms = new Jms(broker())) {
            application.call("store", "text", "neither", "queue", "ee.neither", "rollback", "");
            application.call("store", "text", "later", "queue", "ee.neither");

            assertEquals("later", jms.receive("ee.neither"));
            assertEquals(List.of(), jms.browse("ee.neither"));
            assertEquals("0", application.call("count", "text", "neither"));
        }
    }

    @Test
    void whatABeanReceivesIsStoredAndSentOnOnce() {
        try (Jms jms = new Jms(broker())) {
            jms.send("ee.store", "refuse it once");

            assertEquals("refuse it once", jms.receive("ee.stored"));
            assertEquals(List.of("refused refuse it once"), application.awaitJournal("refused", 1));
            Await.until("the message is settled", () -> jms.browse("ee.store").isEmpty());
            assertEquals(List.of(), jms.browse("ee.stored"));
            assertEquals("1", application.call("count", "text", "refuse it once"));
        }
    }
}
