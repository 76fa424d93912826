package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.SimulatedWorkers;
import io.penstock.storage.simulation.TestBatches;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** A healthy journal whose older files were given free is not called damaged at a start, a damaged one is. */
@Timeout(60)
class JournalGapTest {
    private static final LogId ID = LogId.records(new UUID(1, 1), 0);
    private static final Path DIRECTORY = Path.of("/data");

    private final SimulatedTime time = new SimulatedTime(1);
    private final SimulatedDisk disk = new SimulatedDisk(2);

    private long errorsOf(boolean harmed) throws IOException {
        Logger logger = (Logger) LoggerFactory.getLogger(JournalReplay.class);
        ListAppender<ILoggingEvent> seen = new ListAppender<>();
        seen.start();
        logger.addAppender(seen);
        try {
            for (int life = 0; life < 12; life++) {
                live(20 + life * 23, life);
                if (harmed) {
                    harmFirstGroups();
                }
            }
        } finally {
            logger.detachAppender(seen);
        }
        return seen.list.stream()
                .filter(event -> event.getLevel() == Level.ERROR)
                .count();
    }

    /** Appends so much that the journal goes around, and dies. */
    private void live(int batches, int life) throws IOException {
        SimulatedOwner owner = new SimulatedOwner(time, "owner");
        SimulatedWorkers workers = new SimulatedWorkers(time, "store");
        DirectoryLogStore store = DirectoryLogStore.open(StoreConfig.small(DIRECTORY), disk, time, workers);
        PartitionLog log = store.openNow(ID, LogConfig.defaults(), owner);
        for (int i = 0; i < batches; i++) {
            log.append(TestBatches.of(1, 1500, 1000), 0, AppendOrigin.CLIENT);
            log.onDurable(failure -> assertEquals(null, failure));
            time.runFor(5_000_000);
        }
        owner.kill();
        workers.kill();
        if (life % 2 == 0) {
            disk.powerCut();
        } else {
            disk.kill();
        }
    }

    private void harmFirstGroups() throws IOException {
        Path journal = DIRECTORY.resolve("journal");
        for (String name : disk.list(journal)) {
            disk.flipBit(journal.resolve(name), JournalFormat.FILE_HEADER_BYTES + 2000, 1);
        }
    }

    @Test
    void aHealthyJournalIsNeverCalledDamaged() throws IOException {
        assertEquals(0, errorsOf(false));
    }

    @Test
    void aDamagedOneIs() throws IOException {
        long errors;
        try {
            errors = errorsOf(true);
        } catch (LogException damaged) {
            assertEquals(LogException.Reason.OFFLINE, damaged.reason());
            return;
        }
        assertTrue(errors > 0);
    }
}
