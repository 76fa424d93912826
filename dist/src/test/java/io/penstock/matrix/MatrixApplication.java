package io.penstock.matrix;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.arjuna.ats.jta.TransactionManager;
import io.penstock.jms.PenstockXAConnectionFactory;
import jakarta.jms.Message;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import jakarta.transaction.RollbackException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.transaction.xa.XAResource;

/**
 * The application: one transaction that takes an order, writes its row, and sends that it is done. At one point it dies, or says so
 * on standard output and goes on when something comes in. Its main thread does everything.
 */
final class MatrixApplication {
    static final String ORDERS = "orders";
    static final String DONE = "done";
    static final String AT_POINT = "@point";
    static final String COMMITTED = "@committed";
    static final String ROLLED_BACK = "@rolled back";
    static final String UNKNOWN = "@unknown";
    static final int DEAD = 86;
    private static final long WAIT_MILLIS = 60_000;

    private MatrixApplication() {}

    /** @param arguments the broker's url, the directory, the point, whether to die there, whether the database is first */
    public static void main(String... arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        new TransactionStore(directory.resolve("transactions"));
        boolean dies = Boolean.parseBoolean(arguments[3]);
        CommitCourse course = new CommitCourse(
                CommitPoint.valueOf(arguments[2]), dies ? MatrixApplication::die : MatrixApplication::tell);
        MatrixDatabase database = new MatrixDatabase(directory.resolve("database"));
        XAConnection connection = new PenstockXAConnectionFactory(arguments[0]).createXAConnection();
        connection.start();
        String end = transaction(connection.createXASession(), database, course, Boolean.parseBoolean(arguments[4]));
        if (!course.happened()) {
            throw new IllegalStateException("never " + arguments[2]);
        }
        System.out.println(end);
        // As a process that ends by an accident: nothing is closed, nothing is rolled back.
        Runtime.getRuntime().halt(0);
    }

    private static String transaction(
            XASession session, MatrixDatabase database, CommitCourse course, boolean databaseFirst) throws Exception {
        List<XAResource> resources = new ArrayList<>(List.of(
                new WatchedResource(database.connection().getXAResource(), course),
                new WatchedResource(session.getXAResource(), course)));
        if (!databaseFirst) {
            Collections.reverse(resources);
        }
        jakarta.transaction.TransactionManager manager = TransactionManager.transactionManager();
        manager.begin();
        for (XAResource resource : resources) {
            if (!manager.getTransaction().enlistResource(resource)) {
                throw new IllegalStateException("not enlisted");
            }
        }
        Message order = session.createConsumer(session.createQueue(ORDERS)).receive(WAIT_MILLIS);
        if (order == null) {
            throw new IllegalStateException("no order");
        }
        int number = Integer.parseInt(order.getBody(String.class));
        Connection rows = database.connection().getConnection();
        MatrixDatabase.insert(rows, number);
        session.createProducer(session.createQueue(DONE)).send(session.createTextMessage(Integer.toString(number)));
        try {
            manager.commit();
            return COMMITTED;
        } catch (RollbackException e) {
            e.printStackTrace();
            return ROLLED_BACK;
        } catch (Exception e) {
            e.printStackTrace();
            return UNKNOWN;
        }
    }

    private static void die() {
        Runtime.getRuntime().halt(DEAD);
    }

    private static void tell() {
        System.out.println(AT_POINT);
        try {
            if (System.in.read(new byte["\n".getBytes(UTF_8).length]) < 0) {
                throw new IOException("nobody is there");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
