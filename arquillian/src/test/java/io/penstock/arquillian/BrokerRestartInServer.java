package io.penstock.arquillian;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.arquillian.app.QueueBean;
import io.penstock.arquillian.app.Sender;
import io.penstock.arquillian.app.SenderServlet;
import java.util.List;
import java.util.TreeSet;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;

/** The broker goes and comes under a running application, which goes on. */
class BrokerRestartInServer extends ServerTest {
    @Deployment(name = "restart", managed = false, testable = false)
    static WebArchive restart() {
        return Application.war("restart", QueueBean.class, Sender.class, SenderServlet.class);
    }

    @Test
    void anApplicationGoesOnWhenTheBrokerWasStopped() throws Exception {
        Application application = deploy("restart");
        application.call("send", "queue", "ee.queue", "text", "before the stop");
        application.awaitJournal("queue before the stop", 1);

        broker().stop();
        broker().start();

        application.call("send", "queue", "ee.queue", "text", "after the stop");
        assertEquals(List.of("queue after the stop"), application.awaitJournal("queue after the stop", 1));
    }

    @Test
    void anApplicationGoesOnWhenTheBrokerWasKilledAndLosesNothing() throws Exception {
        Application application = deploy("restart");
        for (int i = 0; i < 20; i++) {
            application.call("send", "queue", "ee.queue", "text", "killed " + (100 + i));
        }

        broker().kill();
        broker().start();

        application.call("send", "queue", "ee.queue", "text", "killed 120");
        Await.until("all 21 arrive", () -> new TreeSet<>(application.journalOf("queue killed")).size() == 21);
    }
}
