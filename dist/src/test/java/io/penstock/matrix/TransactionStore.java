package io.penstock.matrix;

import com.arjuna.ats.arjuna.common.CoordinatorEnvironmentBean;
import com.arjuna.ats.arjuna.common.ObjectStoreEnvironmentBean;
import com.arjuna.ats.arjuna.common.RecoveryEnvironmentBean;
import com.arjuna.ats.jta.common.JTAEnvironmentBean;
import com.arjuna.common.internal.util.propertyservice.BeanPopulator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The transaction manager's log in a directory. Set before anything of the transaction manager is used, by one thread. */
final class TransactionStore {
    private final Path directory;

    TransactionStore(Path directory) {
        this.directory = directory;
        for (String name : new String[] {null, "communicationStore", "stateStore"}) {
            BeanPopulator.getNamedInstance(ObjectStoreEnvironmentBean.class, name)
                    .setObjectStoreDir(directory.toString());
        }
        BeanPopulator.getDefaultInstance(CoordinatorEnvironmentBean.class).setDefaultTimeout(120);
        // Nobody else has transactions here, so a branch that no log knows may be rolled back soon.
        BeanPopulator.getDefaultInstance(RecoveryEnvironmentBean.class).setRecoveryBackoffPeriod(1);
        JTAEnvironmentBean settings = BeanPopulator.getDefaultInstance(JTAEnvironmentBean.class);
        settings.setOrphanSafetyInterval(100);
        // A branch that is in the log and listed nowhere was committed before the death. Narayana waits for it for ever
        // unless told so,
        // or unless it knows resources by JNDI names, as in application servers. Both resources are there whenever it
        // recovers.
        settings.setXaAssumeRecoveryComplete(true);
    }

    /** Transactions that the log still has. */
    long transactions() throws IOException {
        if (!Files.exists(directory)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().contains("TwoPhaseCoordinator"))
                    .count();
        }
    }
}
