package io.penstock.cli;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.io.Reader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which provider messages come from: its jars, and how a connection to its broker is made. */
final class MigrationSource {
    private static final String PASSWORD_VARIABLE = "PENSTOCK_SOURCE_PASSWORD";

    @Option(
            names = "--jars",
            paramLabel = "PATH",
            arity = "1..*",
            required = true,
            description = "the provider's client: jars and directories of jars; the classes of ObjectMessages too")
    private List<Path> jars;

    @ArgGroup(multiplicity = "1")
    private Factory factory;

    /** One of both. */
    static final class Factory {
        @Option(
                names = "--jndi",
                paramLabel = "FILE",
                required = true,
                description = "properties of the provider's InitialContext, such as jndi.properties")
        private Path jndi;

        @Option(
                names = "--factory",
                paramLabel = "CLASS",
                required = true,
                description = "the provider's ConnectionFactory")
        private String className;
    }

    @Option(
            names = "--connection-factory",
            paramLabel = "NAME",
            defaultValue = "ConnectionFactory",
            description = "with --jndi: where it is bound (default ${DEFAULT-VALUE})")
    private String boundName;

    @Option(names = "--url", paramLabel = "URL", description = "with --factory: what its constructor takes")
    private String url;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "a property of the factory (hostName=h calls setHostName), or one more of --jndi")
    private Map<String, String> settings = Map.of();

    @Option(
            names = "--source-user",
            paramLabel = "NAME",
            description = "log in there; the password is in " + PASSWORD_VARIABLE + ", or asked for")
    private String user;

    ProviderJars classes() throws UsageException, IOException {
        return ProviderJars.of(jars);
    }

    /** Of a provider for {@code javax.jms} a bridged one. The caller closes it. */
    Connection connect(ProviderJars classes) throws UsageException, IOException, JMSException {
        Object made;
        try {
            made = factory.jndi == null ? instance(classes) : lookedUp();
        } catch (LinkageError e) {
            throw new UsageException("a class is missing in --jars: " + e.getMessage());
        }
        if (!(JavaxBridge.bridged(made) instanceof ConnectionFactory connectionFactory)) {
            throw new UsageException(
                    "a " + made.getClass().getName() + " is no ConnectionFactory of jakarta.jms or javax.jms");
        }
        if (user == null) {
            return connectionFactory.createConnection();
        }
        String given = System.getenv(PASSWORD_VARIABLE);
        return connectionFactory.createConnection(
                user, given != null ? given : Passwords.ask("Password of " + user + " at the source: "));
    }

    @SuppressWarnings("BanJNDI") // The user's own file names the context, and the user's own jars make it.
    private Object lookedUp() throws UsageException, IOException {
        Properties environment = new Properties();
        try (Reader reader = Files.newBufferedReader(factory.jndi)) {
            environment.load(reader);
        }
        environment.putAll(settings);
        try {
            return new InitialContext(environment).lookup(boundName);
        } catch (NamingException e) {
            throw new UsageException("no " + boundName + " by " + factory.jndi + ": " + e);
        }
    }

    private Object instance(ProviderJars classes) throws UsageException {
        try {
            Class<?> type = classes.loadClass(factory.className);
            Object made = url == null
                    ? type.getConstructor().newInstance()
                    : type.getConstructor(String.class).newInstance(url);
            for (Map.Entry<String, String> setting : settings.entrySet()) {
                set(made, setting.getKey(), setting.getValue());
            }
            return made;
        } catch (ClassNotFoundException e) {
            throw new UsageException("--jars have no class " + factory.className);
        } catch (NoSuchMethodException e) {
            throw new UsageException(factory.className + " has no constructor "
                    + (url == null ? "without arguments: --url is missing" : "that takes a URL: use --set"));
        } catch (InvocationTargetException e) {
            throw new UsageException(factory.className + ": " + e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new UsageException(factory.className + " cannot be made: " + e);
        }
    }

    private static void set(Object bean, String name, String value)
            throws UsageException, IllegalAccessException, InvocationTargetException {
        String setter = name.isEmpty() ? "" : "set" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
        for (Method method : bean.getClass().getMethods()) {
            if (method.getName().equals(setter) && method.getParameterCount() == 1) {
                Object argument = argument(name, value, method.getParameterTypes()[0]);
                if (argument != null) {
                    method.invoke(bean, argument);
                    return;
                }
            }
        }
        throw new UsageException(
                bean.getClass().getName() + " has no " + setter + " that takes a text, a number or a boolean");
    }

    /** Null for a type that is none of them. */
    private static Object argument(String name, String value, Class<?> type) throws UsageException {
        try {
            if (type == String.class) {
                return value;
            } else if (type == int.class || type == Integer.class) {
                return Integer.valueOf(value);
            } else if (type == long.class || type == Long.class) {
                return Long.valueOf(value);
            }
            return type == boolean.class || type == Boolean.class ? Boolean.valueOf(value) : null;
        } catch (NumberFormatException e) {
            throw new UsageException("--set " + name + "=" + value + ": not a number");
        }
    }
}
