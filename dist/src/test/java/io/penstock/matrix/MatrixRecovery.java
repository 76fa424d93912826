package io.penstock.matrix;

import com.arjuna.ats.arjuna.recovery.RecoveryManager;
import com.arjuna.ats.internal.jta.recovery.arjunacore.XARecoveryModule;
import com.arjuna.ats.jta.recovery.XAResourceRecoveryHelper;
import io.penstock.jms.PenstockXAConnectionFactory;
import jakarta.jms.XAConnection;
import java.nio.file.Path;
import java.util.stream.Collectors;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;

/**
 * Recovery after the application's death, in a process of its own: until neither side lists a branch and the transaction manager's
 * log is empty; then the rows go to standard output. Its main thread does everything.
 */
final class MatrixRecovery {
    static final String ROWS = "@rows ";
    static final String SCANS = "@scans ";
    private static final int SCANS_MAX = 30;

    private MatrixRecovery() {}

    /** As application servers register one for each resource. */
    private record Helper(XAResource resource) implements XAResourceRecoveryHelper {
        @Override
        public boolean initialise(String properties) {
            return true;
        }

        @Override
        public XAResource[] getXAResources() {
            return new XAResource[] {resource};
        }
    }

    /** @param arguments the broker's url, the directory */
    public static void main(String... arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        TransactionStore store = new TransactionStore(directory.resolve("transactions"));
        try (MatrixDatabase database = new MatrixDatabase(directory.resolve("database"));
                XAConnection connection = new PenstockXAConnectionFactory(arguments[0]).createXAConnection()) {
            XAResource rows = database.connection().getXAResource();
            XAResource messages = connection.createXASession().getXAResource();
            RecoveryManager manager = RecoveryManager.manager(RecoveryManager.DIRECT_MANAGEMENT);
            manager.initialize();
            XARecoveryModule module = XARecoveryModule.getRegisteredXARecoveryModule();
            module.addXAResourceRecoveryHelper(new Helper(rows));
            module.addXAResourceRecoveryHelper(new Helper(messages));
            int scans = 0;
            do {
                if (scans++ == SCANS_MAX) {
                    throw new IllegalStateException("in doubt after " + SCANS_MAX + " scans: " + listed(rows)
                            + " rows, " + listed(messages) + " messages, " + store.transactions() + " in the log");
                }
                manager.scan();
            } while (listed(rows) + listed(messages) + store.transactions() > 0);
            System.out.println(SCANS + scans);
            System.out.println(
                    ROWS + database.rows().stream().map(String::valueOf).collect(Collectors.joining(" ")));
        }
        // Threads of the transaction manager would keep the process.
        System.exit(0);
    }

    private static int listed(XAResource resource) throws XAException {
        return resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN).length;
    }
}
