package io.penstock.arquillian;

import java.util.ArrayList;
import java.util.List;
import org.jboss.arquillian.container.test.api.ContainerController;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test of what runs in the server. The first one starts broker and server; the server is stopped by Arquillian at the
 * run's end, the broker with the process. What a test deploys it has to itself.
 */
@ExtendWith(ArquillianExtension.class)
@Timeout(600)
abstract class ServerTest {
    private static final System.Logger LOG = System.getLogger(ServerTest.class.getName());

    private static ChildBroker sharedBroker;
    private static boolean configured;

    @ArquillianResource
    private ContainerController containers;

    @ArquillianResource
    private Deployer deployer;

    private final ApplicationServer server = ApplicationServer.current();
    private final List<String> deployed = new ArrayList<>();

    @BeforeEach
    final void startServer() throws Exception {
        if (sharedBroker == null) {
            sharedBroker = new ChildBroker();
            sharedBroker.start();
        }
        if (!configured) {
            server.configure(Adapter.current(), sharedBroker.url());
            configured = true;
        }
        if (!containers.isStarted(server.qualifier())) {
            start();
        }
    }

    @AfterEach
    final void undeployAll() {
        for (String name : List.copyOf(deployed)) {
            undeploy(name);
        }
    }

    final ChildBroker broker() {
        return sharedBroker;
    }

    final ApplicationServer server() {
        return server;
    }

    /** Starts the server, which is not running. */
    final void start() {
        containers.start(server.qualifier(), server.startProperties(sharedBroker.url()));
    }

    /** Tells Arquillian that the server has died; what was deployed is there again after the next start. */
    final void died() {
        try {
            containers.kill(server.qualifier());
        } catch (Exception e) {
            // Liberty's container would speak with the dead server; it is started again all the same.
            LOG.log(System.Logger.Level.INFO, "nobody to kill: {0}", e);
        }
    }

    /** Deploys what the test's class calls so, and returns its address. */
    final Application deploy(String name) {
        deployer.deploy(name);
        deployed.add(name);
        return new Application(server.http().resolve(name + "/"));
    }

    final void undeploy(String name) {
        deployed.remove(name);
        deployer.undeploy(name);
    }
}
