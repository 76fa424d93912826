package io.penstock.arquillian;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.arquillian.app.QueueBean;
import io.penstock.arquillian.app.Sender;
import io.penstock.arquillian.app.SenderServlet;
import java.util.List;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;

/** An application sends and its bean receives: with {@code -Dadapter=activemq} this shows the harness alone to be right. */
class HarnessInServer extends ServerTest {
    @Deployment(name = "harness", managed = false, testable = false)
    static WebArchive application() {
        return Application.war("harness", QueueBean.class, Sender.class, SenderServlet.class);
    }

    @Test
    void aBeanReceivesWhatTheApplicationSends() {
        Application application = deploy("harness");

        application.call("send-by-connection", "queue", "ee.queue", "text", "by myself");

        assertEquals(List.of("queue by myself"), application.awaitJournal("queue", 1));
    }
}
