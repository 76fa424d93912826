package io.penstock.arquillian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.arquillian.app.Store;
import io.penstock.arquillian.app.StoreServlet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.List;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;

/** The server dies in the middle of two-phase commit; after its next start database and queue agree. */
class RecoveryInServer extends ServerTest {
    private static final int RECOVERY_SECONDS_MAX = 180;

    @Deployment(name = "recovery", managed = false, testable = false)
    static WebArchive recovery() {
        return Application.war("recovery", Store.class, StoreServlet.class);
    }

    /** The database has voted and dies, whatever the queue did: nobody has decided, so nothing has happened. */
    @Test
    void whatWasNotDecidedIsRolledBack() {
        dieAndComeBack("undecided", "after prepare", false);

        settle("undecided", "0", List.of());
    }

    @Test
    void whatWasDecidedIsCommittedThoughNobodyHasHeardOfIt() {
        dieAndComeBack("decided", "before commit", false);

        settle("decided", "1", List.of("decided"));
    }

    /** The queue has its commit, the database does not. */
    @Test
    void whatOnlyTheQueueHasHeardOfIsCommittedInTheDatabaseToo() {
        dieAndComeBack("half", "before commit", true);

        settle("half", "1", List.of("half"));
    }

    /** The database has its commit, the queue does not. */
    @Test
    void whatOnlyTheDatabaseHasHeardOfIsCommittedInTheQueueToo() {
        dieAndComeBack("otherhalf", "after commit", false);

        settle("otherhalf", "1", List.of("otherhalf"));
    }

    private void dieAndComeBack(String text, String point, boolean queueFirst) {
        Application application = deploy("recovery");
        application.call("create");
        String[] call = {"text", text, "queue", "ee.recovery-" + text, "halt", point, "queueFirst", ""};
        assertThrows(
                UncheckedIOException.class,
                () -> application.call(
                        "store", queueFirst ? call : List.of(call).subList(0, 6).toArray(String[]::new)));
        Await.until("the server is dead", () -> !listens());
        died();
        start();
    }

    private void settle(String text, String rows, List<String> messages) {
        Application application = new Application(server().http().resolve("recovery/"));
        Await.until("the application is there again", () -> application.answers("journal"));
        try (Jms jms = new Jms(broker())) {
            Await.until(
                    "database and queue agree on " + text,
                    RECOVERY_SECONDS_MAX,
                    () -> application.call("count", "text", text).equals(rows)
                            && jms.browse("ee.recovery-" + text).equals(messages)
                            && broker().run("transaction", "list").lines().count() <= 1);
            assertEquals(rows, application.call("count", "text", text));
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket("127.0.0.1", server().http().getPort())) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
