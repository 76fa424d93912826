package io.penstock.samples.legacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.Broker;
import io.penstock.broker.BrokerConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Properties;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.jms.Connection;
import javax.jms.ConnectionFactory;
import javax.jms.ConnectionMetaData;
import javax.jms.JMSException;
import javax.jms.Queue;
import javax.jms.QueueConnectionFactory;
import javax.jms.Session;
import javax.jms.TopicConnectionFactory;
import javax.jms.XAConnection;
import javax.jms.XAConnectionFactory;
import javax.naming.InitialContext;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.spi.NamingManager;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** B7: the edition for {@code javax.jms} on a class path without {@code jakarta.jms}, against a broker. */
@Timeout(60)
@SuppressWarnings("BanJNDI") // It is what is tested.
class LegacyProgramIT {
    private static final String FACTORY = "io.penstock.javax.jms.PenstockConnectionFactory";

    @TempDir
    static Path directory;

    private static Broker broker;

    @BeforeAll
    static void start() throws Exception {
        Properties properties = new Properties();
        properties.setProperty("listeners", "PLAINTEXT://127.0.0.1:0");
        properties.setProperty("log.dirs", directory.toString());
        broker = Broker.start(BrokerConfig.parse(properties));
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
    }

    private static String url() {
        return "penstock://127.0.0.1:" + broker.port();
    }

    private static ConnectionFactory factory(String url) throws Exception {
        try {
            return (ConnectionFactory)
                    Class.forName(FACTORY).getConstructor(String.class).newInstance(url);
        } catch (InvocationTargetException e) {
            throw (Exception) e.getCause();
        }
    }

    @Test
    void aProgramOfAllThreeGenerationsOfTheApiRunsAsItIs() throws Exception {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put("penstock.url", url());
        LegacyOrders program = new LegacyOrders(environment);

        program.sendOrders(4);
        assertEquals(List.of(1, 3), program.browse());
        assertEquals(4, program.invoiceAll());
        assertEquals(List.of(), program.browse());
        assertEquals(
                List.of("invoice 1 for c-1", "invoice 2 for c-0", "invoice 3 for c-1", "invoice 4 for c-0"),
                program.invoices());
        assertEquals(List.of("day 1", "night 1", "day 2"), program.pricesOfTwoDays());
    }

    @Test
    void theFactoryIsAllOfTheOldInterfacesAndGoesThroughReferencesAndStreams() throws Exception {
        ConnectionFactory factory = factory(url() + "?jms.prefetch=3");
        assertInstanceOf(QueueConnectionFactory.class, factory);
        assertInstanceOf(TopicConnectionFactory.class, factory);

        Reference reference = ((Referenceable) factory).getReference();
        assertEquals(FACTORY, reference.getClassName());
        assertEquals("io.penstock.javax.jms.jndi.PenstockObjectFactory", reference.getFactoryClassName());
        Object found = NamingManager.getObjectInstance(reference, null, null, new Hashtable<>());
        assertSame(factory.getClass(), found.getClass());

        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(factory);
        Object read = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
        try (Connection connection = ((ConnectionFactory) read).createConnection()) {
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            Queue queue = session.createQueue("made-of-a-reference");
            Reference ofQueue = ((Referenceable) queue).getReference();
            assertEquals(queue, NamingManager.getObjectInstance(ofQueue, null, null, new Hashtable<>()));
        }
    }

    @Test
    void distributedTransactionsHaveTheOldInterfacesToo() throws Exception {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put("java.naming.factory.initial", "io.penstock.javax.jms.jndi.PenstockInitialContextFactory");
        environment.put("xaConnectionFactory.xa", url());
        environment.put("connectionFactory.typed", url() + "?type=XA_CF");
        InitialContext naming = new InitialContext(environment);
        for (String name : List.of("xa", "typed")) {
            XAConnectionFactory factory = assertInstanceOf(XAConnectionFactory.class, naming.lookup(name));
            try (XAConnection connection = factory.createXAConnection()) {
                assertEquals(0, connection.createXASession().getXAResource().recover(XAResource.TMSTARTRSCAN).length);
            }
        }
    }

    @Test
    void oneFileIsEnoughForAProgram() throws Exception {
        String version = System.getProperty("penstock.version");
        Path all = Path.of("../jms-javax/target/penstock-jms-javax-" + version + "-all.jar");
        Path program = Path.of(LegacyOrders.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-cp",
                        all + java.io.File.pathSeparator + program,
                        LegacyOrders.class.getName(),
                        url())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertTrue(output.contains("invoiced: 3") && output.contains("prices: [day 1, night 1, day 2]"), output);
        try (ZipFile zip = new ZipFile(all.toFile())) {
            assertNull(zip.getEntry("io/netty/buffer/ByteBuf.class"), "Netty is in a package of ours");
            assertNull(zip.getEntry("jakarta/jms/Message.class"));
        }
    }

    @Test
    void itSaysThatItIsJms2() throws Exception {
        try (Connection connection = factory(url()).createConnection()) {
            ConnectionMetaData data = connection.getMetaData();
            assertEquals("2.0", data.getJMSVersion());
            assertEquals(2, data.getJMSMajorVersion());
            assertEquals(0, data.getJMSMinorVersion());
        }
    }

    @Test
    void failuresAreTheOldExceptions() throws Exception {
        assertThrows(JMSException.class, () -> factory("penstock://127.0.0.1:1?jms.connectTimeout=2000")
                .createConnection());
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> factory("penstock://a?nonsense=1"));
        assertTrue(refused.getMessage().contains("nonsense"));
    }

    @Test
    void nothingOfJakartaOrOfTheOtherEditionIsThereOrMissed() throws Exception {
        assertThrows(ClassNotFoundException.class, () -> Class.forName("jakarta.jms.Message"));
        assertThrows(ClassNotFoundException.class, () -> Class.forName("io.penstock.jms.PenstockConnectionFactory"));

        Path jar = Path.of(Class.forName(FACTORY)
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        int classes = 0;
        List<String> wrong = new ArrayList<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : java.util.Collections.list(zip.entries())) {
                if (!entry.getName().endsWith(".class")) {
                    continue;
                }
                classes++;
                try (InputStream in = zip.getInputStream(entry)) {
                    // A constant of a class file is text in modified UTF-8, which is Latin 1 for such names.
                    String constants = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
                    if (constants.contains("jakarta/")
                            || constants.contains("jakarta.jms")
                            || constants.contains("io/penstock/jms")
                            || constants.contains("io.penstock.jms")
                            || !entry.getName().startsWith("io/penstock/javax/jms/")) {
                        wrong.add(entry.getName());
                    }
                }
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(classes > 150, () -> "it holds the whole client, not a part");
        assertFalse(java.nio.file.Files.isDirectory(jar));
    }
}
