package io.penstock.jms.jndi;

import io.penstock.jms.PenstockConnectionFactory;
import io.penstock.jms.PenstockXAConnectionFactory;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Hashtable;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.naming.ConfigurationException;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.spi.InitialContextFactory;

/**
 * Makes a context of an environment, such as {@code jndi.properties}:
 *
 * <pre>
 * java.naming.factory.initial = io.penstock.jms.jndi.PenstockInitialContextFactory
 * java.naming.provider.url    = penstock://localhost:9092     (or a file of more such lines)
 * connectionFactory.NAME      = penstock://localhost:9092?... (connectionfactory.NAME too; empty: the provider's URL)
 * xaConnectionFactory.NAME    = penstock://localhost:9092     (or connectionFactory.NAME with type=XA_CF in the URL)
 * queue.NAME                  = orders
 * topic.NAME                  = prices
 * </pre>
 *
 * {@code dynamicQueues/x} and {@code dynamicTopics/x} need no line. Values may hold {@code ${variable:-default}}: an entry
 * of the environment, a system property or an environment variable. Without any connectionFactory line the names
 * ConnectionFactory, QueueConnectionFactory and TopicConnectionFactory stand for the provider's URL.
 */
public final class PenstockInitialContextFactory implements InitialContextFactory {
    private static final String FACTORY = "connectionFactory.";
    private static final String FACTORY_QPID = "connectionfactory.";
    private static final String XA_FACTORY = "xaConnectionFactory.";
    private static final String QUEUE = "queue.";
    private static final String TOPIC = "topic.";
    private static final String[] DEFAULT_NAMES = {
        "ConnectionFactory", "QueueConnectionFactory", "TopicConnectionFactory"
    };

    @Override
    public Context getInitialContext(Hashtable<?, ?> environment) throws NamingException {
        Map<String, String> entries = strings(environment);
        String providerUrl = resolve(entries, entries.get(Context.PROVIDER_URL));
        if (providerUrl != null && !isBrokerUrl(providerUrl)) {
            Map<String, String> fromFile = read(providerUrl);
            entries.forEach(fromFile::put);
            entries = fromFile;
            providerUrl = null;
        }
        return new ReadOnlyContext(bindings(entries, providerUrl), environment);
    }

    private static Map<String, Object> bindings(Map<String, String> entries, String providerUrl)
            throws NamingException {
        Map<String, Object> bindings = new TreeMap<>();
        boolean named = false;
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            String key = entry.getKey();
            if (key.startsWith(XA_FACTORY)) {
                String url = resolve(entries, entry.getValue());
                bindings.put(
                        key.substring(XA_FACTORY.length()),
                        factory(
                                key,
                                url.isBlank() ? providerUrl : url,
                                PenstockXAConnectionFactory::new,
                                PenstockXAConnectionFactory::new));
            } else if (key.startsWith(FACTORY) || key.startsWith(FACTORY_QPID)) {
                named = true;
                String url = resolve(entries, entry.getValue());
                bindings.put(key.substring(FACTORY.length()), factory(key, url.isBlank() ? providerUrl : url));
            } else if (key.startsWith(QUEUE)) {
                bindings.put(
                        key.substring(QUEUE.length()), NamedDestinations.queue(resolve(entries, entry.getValue())));
            } else if (key.startsWith(TOPIC)) {
                bindings.put(
                        key.substring(TOPIC.length()), NamedDestinations.topic(resolve(entries, entry.getValue())));
            }
        }
        if (!named) {
            for (String name : DEFAULT_NAMES) {
                bindings.putIfAbsent(name, factory(name, providerUrl));
            }
        }
        return bindings;
    }

    /** What the URL's {@code type} says. */
    private static PenstockConnectionFactory factory(String key, String url) throws NamingException {
        return factory(
                key,
                url,
                PenstockConnectionFactory::new,
                text -> PenstockConnectionFactory.isForXa(text)
                        ? new PenstockXAConnectionFactory(text)
                        : new PenstockConnectionFactory(text));
    }

    private static PenstockConnectionFactory factory(
            String key,
            String url,
            Supplier<PenstockConnectionFactory> local,
            Function<String, PenstockConnectionFactory> remote)
            throws NamingException {
        try {
            return url == null ? local.get() : remote.apply(url);
        } catch (IllegalArgumentException e) {
            ConfigurationException refused = new ConfigurationException(key + ": " + e.getMessage());
            refused.initCause(e);
            throw refused;
        }
    }

    private static boolean isBrokerUrl(String url) {
        return url.startsWith("penstock://") || url.startsWith("failover:");
    }

    private static Map<String, String> strings(Hashtable<?, ?> environment) {
        Map<String, String> entries = new TreeMap<>();
        if (environment != null) {
            environment.forEach((key, value) -> {
                if (key instanceof String name && value instanceof String text) {
                    entries.put(name, text.trim());
                }
            });
        }
        return entries;
    }

    /** A local file: nothing is fetched from elsewhere. */
    private static Map<String, String> read(String file) throws NamingException {
        String path =
                file.startsWith("file:") ? file.substring("file:".length()).replaceFirst("^//+", "/") : file;
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(path), StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            ConfigurationException unreadable = new ConfigurationException(Context.PROVIDER_URL + " is '" + file
                    + "', which is neither penstock://host:port nor a file of properties that can be read");
            unreadable.initCause(e);
            throw unreadable;
        }
        return strings(properties);
    }

    private static String resolve(Map<String, String> entries, String text) throws NamingException {
        return text == null
                ? null
                : new Variables(name -> value(entries, name)).resolve(text).trim();
    }

    private static String value(Map<String, String> entries, String name) {
        String entry = entries.get(name);
        if (entry != null) {
            return entry;
        }
        String property = System.getProperty(name);
        return property != null ? property : System.getenv(name);
    }
}
