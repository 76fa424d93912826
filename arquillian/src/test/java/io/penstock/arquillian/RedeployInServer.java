package io.penstock.arquillian;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.arquillian.app.LeakServlet;
import io.penstock.arquillian.app.QueueBean;
import io.penstock.arquillian.app.Sender;
import io.penstock.arquillian.app.SenderServlet;
import java.util.List;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;

/** An application that goes takes everything of itself along. */
class RedeployInServer extends ServerTest {
    @Deployment(name = "redeployed", managed = false, testable = false)
    static WebArchive redeployed() {
        return Application.war("redeployed", QueueBean.class, Sender.class, SenderServlet.class, LeakServlet.class);
    }

    @Deployment(name = "watcher", managed = false, testable = false)
    static WebArchive watcher() {
        return Application.war("watcher", LeakServlet.class);
    }

    @Test
    void undeployedApplicationsLeaveNoThreadAndNoClassLoader() {
        Application watcher = deploy("watcher");
        useAndUndeploy(watcher);
        long threads = threads(watcher);

        for (int round = 0; round < 3; round++) {
            useAndUndeploy(watcher);
        }

        Await.until("as many threads of ours as after the first time", () -> threads(watcher) <= threads);
    }

    private void useAndUndeploy(Application watcher) {
        Application application = deploy("redeployed");
        application.call("mark");
        application.call("send", "queue", "ee.queue", "text", "used");
        assertEquals(List.of("queue used"), application.awaitJournal("queue used", 1));
        undeploy("redeployed");
        Await.until("the application's class loader is gone", () -> watcher.call("gone")
                .equals("true"));
    }

    private static long threads(Application watcher) {
        return watcher.call("threads")
                .lines()
                .filter(name -> name.contains("penstock"))
                .count();
    }
}
