package io.penstock.ra;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ManagedConnectionFactory;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.security.auth.Subject;
import org.apache.geronimo.connector.GeronimoBootstrapContext;
import org.apache.geronimo.connector.outbound.GenericConnectionManager;
import org.apache.geronimo.connector.outbound.connectionmanagerconfig.LocalTransactions;
import org.apache.geronimo.connector.outbound.connectionmanagerconfig.NoTransactions;
import org.apache.geronimo.connector.outbound.connectionmanagerconfig.PartitionedPool;
import org.apache.geronimo.connector.outbound.connectionmanagerconfig.TransactionSupport;
import org.apache.geronimo.connector.outbound.connectionmanagerconfig.XATransactions;
import org.apache.geronimo.connector.work.GeronimoWorkManager;
import org.apache.geronimo.transaction.manager.GeronimoTransactionManager;

/** What a server brings: Geronimo's pool, transaction manager and threads, without the server. */
final class TestContainer implements AutoCloseable {
    static final TransactionSupport XA = new XATransactions(true, false);
    static final TransactionSupport LOCAL = LocalTransactions.INSTANCE;
    static final TransactionSupport NONE = NoTransactions.INSTANCE;

    final GeronimoTransactionManager transactions;
    final PenstockResourceAdapter adapter = new PenstockResourceAdapter();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Subject subject;

    TestContainer(String url) throws Exception {
        transactions = new GeronimoTransactionManager(60);
        adapter.setUrl(url);
        adapter.start(new GeronimoBootstrapContext(
                new GeronimoWorkManager(threads, threads, threads, List.of()), transactions, transactions));
    }

    /** Container-managed authentication of pools that are made from now on. */
    void as(Subject user) {
        subject = user;
    }

    PenstockManagedConnectionFactory managed() throws ResourceException {
        PenstockManagedConnectionFactory factory = new PenstockManagedConnectionFactory();
        factory.setResourceAdapter(adapter);
        return factory;
    }

    /** A pool for each user that is asked for; one idle connection is handed out again. */
    GenericConnectionManager pool(ManagedConnectionFactory factory, TransactionSupport support, int size)
            throws Exception {
        GenericConnectionManager pool = new GenericConnectionManager(
                support,
                new PartitionedPool(size, 0, 5_000, 15, true, false, false, true, subject != null),
                subject == null ? null : () -> subject,
                null,
                transactions,
                factory,
                "pool",
                getClass().getClassLoader());
        pool.doStart();
        return pool;
    }

    PenstockRaConnectionFactory connections(TransactionSupport support) throws Exception {
        PenstockManagedConnectionFactory factory = managed();
        return (PenstockRaConnectionFactory)
                factory.createConnectionFactory((ConnectionManager) pool(factory, support, 10));
    }

    @Override
    public void close() {
        adapter.stop();
        threads.shutdownNow();
    }
}
