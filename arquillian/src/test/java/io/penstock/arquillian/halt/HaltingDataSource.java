package io.penstock.arquillian.halt;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.util.logging.Logger;
import javax.sql.XAConnection;
import javax.sql.XADataSource;
import javax.transaction.xa.XAResource;
import org.h2.jdbcx.JdbcDataSource;

/** H2, whose branches end the process where the system property {@link #POINT} says. */
public class HaltingDataSource implements XADataSource {
    /** {@code after prepare}, {@code before commit} or {@code after commit}, of the database's branch. */
    public static final String POINT = "penstock.halt";

    private final JdbcDataSource database = new JdbcDataSource();

    public void setURL(String url) {
        database.setURL(url);
    }

    public String getURL() {
        return database.getURL();
    }

    public void setUser(String user) {
        database.setUser(user);
    }

    public void setPassword(String password) {
        database.setPassword(password);
    }

    @Override
    public XAConnection getXAConnection() throws SQLException {
        return halting(database.getXAConnection());
    }

    @Override
    public XAConnection getXAConnection(String user, String password) throws SQLException {
        return halting(database.getXAConnection(user, password));
    }

    private static XAConnection halting(XAConnection connection) {
        return (XAConnection) Proxy.newProxyInstance(
                HaltingDataSource.class.getClassLoader(),
                new Class<?>[] {XAConnection.class},
                (proxy, method, args) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return ofObject(connection, method.getName(), proxy, args);
                    }
                    try {
                        Object result = method.invoke(connection, args);
                        return result instanceof XAResource resource ? new HaltingResource(resource) : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static Object ofObject(XAConnection connection, String method, Object proxy, Object[] args) {
        return switch (method) {
            case "equals" -> proxy == args[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> connection.toString();
        };
    }

    /** As after SIGKILL: no shutdown hook, nothing is flushed. */
    static void haltAt(String point) {
        if (point.equals(System.getProperty(POINT))) {
            Runtime.getRuntime().halt(137);
        }
    }

    @Override
    public PrintWriter getLogWriter() throws SQLException {
        return database.getLogWriter();
    }

    @Override
    public void setLogWriter(PrintWriter out) throws SQLException {
        database.setLogWriter(out);
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
        database.setLoginTimeout(seconds);
    }

    @Override
    public int getLoginTimeout() throws SQLException {
        return database.getLoginTimeout();
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getGlobal();
    }
}
