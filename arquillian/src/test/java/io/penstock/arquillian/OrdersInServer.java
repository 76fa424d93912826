package io.penstock.arquillian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.importer.ZipImporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The sample, as its users build and deploy it. */
class OrdersInServer extends ServerTest {
    private static final Pattern ID = Pattern.compile("\"id\"\\s*:\\s*\"([^\"]+)\"");

    private Application orders;

    @Deployment(name = "orders", managed = false, testable = false)
    static WebArchive orders() {
        return ShrinkWrap.create(ZipImporter.class, "orders.war")
                .importFrom(new File(ApplicationServer.property("sample"), "target/orders.war"))
                .as(WebArchive.class);
    }

    @BeforeEach
    void deployOrders() throws Exception {
        broker().run("settings", "set", "orders", "max-delivery-attempts=3", "dead-letter-address=orders-failed");
        orders = deploy("orders");
    }

    @Test
    void anOrderIsStoredWorkedOffAndToldToAllWhoListen() {
        String id = place("{\"item\":\"pump\",\"quantity\":2}");

        Await.until("the order is accepted", () -> status(id).equals("accepted"));
        Await.until("both have heard of it", () -> events(id).equals("[\"billing\",\"shipping\"]"));
    }

    @Test
    void anOrderThatCannotBeDoneIsADeadLetterAndRejected() {
        String id = place("{\"item\":\"pump\",\"quantity\":0}");

        Await.until("the order is rejected", () -> status(id).equals("rejected"));
        assertEquals("[]", events(id));
    }

    private String place(String order) {
        String answer = orders.post("orders", order);
        Matcher id = ID.matcher(answer);
        assertTrue(id.find(), answer);
        return id.group(1);
    }

    private String status(String id) {
        String order = orders.call("orders/" + id);
        for (String status : List.of("placed", "accepted", "rejected")) {
            if (order.contains('"' + status + '"')) {
                return status;
            }
        }
        throw new AssertionError(order);
    }

    private String events(String id) {
        return orders.call("orders/" + id + "/events").replace(" ", "");
    }
}
