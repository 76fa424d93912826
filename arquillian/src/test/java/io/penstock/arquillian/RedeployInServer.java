package io.penstock.arquillian;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.arquillian.app.LeakServlet;
import io.penstock.arquillian.app.QueueBean;
import io.penstock.arquillian.app.Sender;
import io.penstock.arquillian.app.SenderServlet;
import java.util.List;
import java.util.function.Consumer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;

/** An application that goes takes everything of itself along. */
class RedeployInServer extends ServerTest {
    @Deployment(name = "plain", managed = false, testable = false)
    static WebArchive plain() {
        return Application.war("plain", LeakServlet.class);
    }

    @Deployment(name = "sending", managed = false, testable = false)
    static WebArchive sending() {
        return Application.war("sending", Sender.class, SenderServlet.class, LeakServlet.class);
    }

    @Deployment(name = "listening", managed = false, testable = false)
    static WebArchive listening() {
        return Application.war("listening", QueueBean.class, LeakServlet.class);
    }

    @Deployment(name = "watcher", managed = false, testable = false)
    static WebArchive watcher() {
        return Application.war("watcher", LeakServlet.class);
    }

    /** So much for the server itself. */
    @Test
    void anApplicationWithoutMessagingLeavesNothing() {
        leavesNothing("plain", application -> {});
    }

    @Test
    void anApplicationThatSendsLeavesNothing() {
        leavesNothing("sending", application -> {
            application.call("send", "queue", "ee.leak", "text", "by the context");
            application.call("send-by-connection", "queue", "ee.leak", "text", "by a connection");
        });
    }

    @Test
    void anApplicationThatListensLeavesNothing() {
        try (Jms jms = new Jms(broker())) {
            leavesNothing("listening", application -> {
                jms.send("ee.queue", "listened");
                assertEquals(List.of("queue listened"), application.awaitJournal("queue listened", 1));
            });
        }
    }

    private void leavesNothing(String name, Consumer<Application> use) {
        Application watcher = deploy("watcher");
        // A thread of WildFly keeps its first request and its last one on the stack, and those their applications.
        watcher.callAtOnce("busy", LeakServlet.CALLS_AT_ONCE);
        useAndUndeploy(name, use, watcher);
        long threads = threads(watcher);

        for (int round = 0; round < 3; round++) {
            useAndUndeploy(name, use, watcher);
        }

        Await.until("as many threads of ours as after the first time", () -> threads(watcher) <= threads);
    }

    private void useAndUndeploy(String name, Consumer<Application> use, Application watcher) {
        Application application = deploy(name);
        application.call("mark");
        use.accept(application);
        undeploy(name);
        Await.until("the class loader is gone", () -> {
            watcher.callAtOnce("busy", LeakServlet.CALLS_AT_ONCE);
            return watcher.call("gone").equals("true");
        });
    }

    private static long threads(Application watcher) {
        return watcher.call("threads")
                .lines()
                .filter(name -> name.contains("penstock"))
                .count();
    }
}
