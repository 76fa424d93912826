package io.penstock.jms.jndi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.jms.PenstockConnectionFactory;
import io.penstock.jms.PenstockXAConnectionFactory;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import javax.naming.ConfigurationException;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NameClassPair;
import javax.naming.NameNotFoundException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.OperationNotSupportedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
@SuppressWarnings("BanJNDI") // It is what is tested.
class InitialContextTest {

    private static Context context(Map<String, String> more) throws NamingException {
        Hashtable<String, String> environment = new Hashtable<>(more);
        environment.put(Context.INITIAL_CONTEXT_FACTORY, PenstockInitialContextFactory.class.getName());
        return new InitialContext(environment);
    }

    private static List<String> names(NamingEnumeration<NameClassPair> all) throws NamingException {
        List<String> names = new ArrayList<>();
        while (all.hasMore()) {
            names.add(all.next().getName());
        }
        return names;
    }

    @Test
    void factoriesQueuesAndTopicsAreFoundUnderTheirNames() throws Exception {
        Context context = context(Map.of(
                "connectionFactory.cf", "penstock://a:1?jms.prefetch=5",
                "connectionfactory.jms/qpid", "penstock://b:2",
                "queue.jms/orders", "orders.physical",
                "topic.prices", "prices"));
        assertEquals(5, ((PenstockConnectionFactory) context.lookup("cf")).getPrefetch());
        assertEquals("penstock://b:2", ((PenstockConnectionFactory) context.lookup("jms/qpid")).getUrl());
        assertEquals("orders.physical", ((Queue) context.lookup("jms/orders")).getQueueName());
        assertEquals("prices", ((Topic) context.lookup("prices")).getTopicName());
        assertEquals(List.of("cf", "jms", "prices"), names(context.list("")));
        assertEquals(List.of("orders", "qpid"), names(context.list("jms")));
        assertEquals("orders.physical", ((Queue) ((Context) context.lookup("jms")).lookup("orders")).getQueueName());
    }

    @Test
    void dynamicNamesNeedNoEntry() throws Exception {
        Context context = context(Map.of());
        assertEquals("q.1", ((Queue) context.lookup("dynamicQueues/q.1")).getQueueName());
        assertEquals("t.1", ((Topic) context.lookup("dynamicTopics/t.1")).getTopicName());
        assertThrows(ConfigurationException.class, () -> context.lookup("dynamicQueues/not allowed"));
    }

    @Test
    void providerUrlIsTheDefaultOfFactories() throws Exception {
        Context context = context(Map.of(Context.PROVIDER_URL, "penstock://c:3"));
        assertEquals("penstock://c:3", ((PenstockConnectionFactory) context.lookup("ConnectionFactory")).getUrl());
        Context named = context(Map.of(Context.PROVIDER_URL, "penstock://c:3", "connectionFactory.mine", ""));
        assertEquals("penstock://c:3", ((PenstockConnectionFactory) named.lookup("mine")).getUrl());
        assertThrows(NameNotFoundException.class, () -> named.lookup("ConnectionFactory"));
    }

    @Test
    void providerUrlMayBeAFileOfMoreEntries(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("more.properties"), "queue.q = from-file\n");
        assertEquals(
                "from-file",
                ((Queue) context(Map.of(Context.PROVIDER_URL, file.toUri().toString()))
                                .lookup("q"))
                        .getQueueName());
        assertThrows(ConfigurationException.class, () -> context(Map.of(Context.PROVIDER_URL, "http://elsewhere/x")));
    }

    @Test
    void variablesHaveValuesOrDefaults() throws Exception {
        Context context = context(Map.of(
                "broker.port", "7",
                "connectionFactory.cf", "penstock://${no.such.host:-localhost}:${broker.port}",
                "queue.q", "${q.name:-orders}"));
        assertEquals("penstock://localhost:7", ((PenstockConnectionFactory) context.lookup("cf")).getUrl());
        assertEquals("orders", ((Queue) context.lookup("q")).getQueueName());
        assertThrows(ConfigurationException.class, () -> context(Map.of("queue.q", "${no.such.variable}")));
        assertThrows(ConfigurationException.class, () -> context(Map.of("queue.q", "${open")));
    }

    @Test
    void mistakesAreNamed() {
        String text = assertThrows(
                        ConfigurationException.class, () -> context(Map.of("connectionFactory.cf", "tcp://a:1")))
                .getMessage();
        assertEquals(true, text.startsWith("connectionFactory.cf:") && text.contains("penstock://"), text);
        assertThrows(ConfigurationException.class, () -> context(Map.of("xaConnectionFactory.cf", "tcp://a")));
    }

    @Test
    void rule30FactoriesOfXaHaveAPrefixOfTheirOwnOrAType() throws Exception {
        Context context = context(Map.of(
                "xaConnectionFactory.xa",
                "penstock://a:1?jms.prefetch=5",
                "xaConnectionFactory.default",
                "",
                "connectionFactory.typed",
                "penstock://a:1?type=XA_CF",
                "connectionFactory.plain",
                "penstock://a:1",
                Context.PROVIDER_URL,
                "penstock://c:3"));
        assertEquals(5, ((PenstockXAConnectionFactory) context.lookup("xa")).getPrefetch());
        assertEquals("penstock://c:3", ((PenstockXAConnectionFactory) context.lookup("default")).getUrl());
        assertInstanceOf(PenstockXAConnectionFactory.class, context.lookup("typed"));
        assertEquals(PenstockConnectionFactory.class, context.lookup("plain").getClass());
        var made = new PenstockObjectFactory()
                .getObjectInstance(
                        ((PenstockXAConnectionFactory) context.lookup("xa")).getReference(), null, null, null);
        assertEquals(5, ((PenstockXAConnectionFactory) made).getPrefetch());
    }

    @Test
    void theContextIsReadOnly() throws Exception {
        Context context = context(Map.of("queue.q", "q"));
        assertThrows(OperationNotSupportedException.class, () -> context.bind("x", "y"));
        assertThrows(OperationNotSupportedException.class, () -> context.unbind("q"));
        assertThrows(NameNotFoundException.class, () -> context.lookup("missing"));
        assertInstanceOf(Queue.class, context.lookup("q"));
    }
}
