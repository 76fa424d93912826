package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.log.PartitionLog.AbortedTransaction;
import io.penstock.storage.log.PartitionLog.TransactionFate;
import io.penstock.storage.simulation.SeededRandom;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.SimulatedWorkers;
import io.penstock.storage.simulation.TestBatches;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a log says of Kafka's transactions, against a list of all that ever happened: over rolled segments, restarts of
 * all kinds, lost side files and truncations (invariants 11 and 15).
 */
@Timeout(60)
class LogTransactionsTest {
    private static final Path DIRECTORY = Path.of("/data");
    private static final LogId ID = LogId.records(new UUID(1, 1), 0);
    private static final Path LOG_DIRECTORY = DIRECTORY.resolve("logs").resolve(LogNames.directory(ID));
    private static final int TRANSACTIONAL = 16;
    private static final int COORDINATOR = 5;

    private final SimulatedTime time = new SimulatedTime(1);
    private final SimulatedDisk disk = new SimulatedDisk(2);
    private SimulatedOwner owner;
    private SimulatedWorkers workers;
    private DirectoryLogStore store;
    private PartitionLog log;

    /** One batch that is in the log. */
    private record Batch(long offset, long producer, boolean transactional) {}

    /** A transaction; its marker is -1 while it is undecided. */
    private static final class Transaction {
        final long producer;
        final long first;
        long marker = -1;
        boolean commit;

        Transaction(long producer, long first) {
            this.producer = producer;
            this.first = first;
        }
    }

    private final List<Batch> batches = new ArrayList<>();
    private final List<Transaction> transactions = new ArrayList<>();
    private final Map<Long, Integer> sequences = new HashMap<>();

    @BeforeEach
    void start() throws IOException {
        owner = new SimulatedOwner(time, "owner");
        workers = new SimulatedWorkers(time, "store");
        store = DirectoryLogStore.open(StoreConfig.small(DIRECTORY), disk, time, workers);
        LogConfig d = LogConfig.defaults();
        LogConfig config =
                new LogConfig(6000, d.segmentMillis(), -1, -1, d.flushPolicy(), 1, 1, d.maxBatchBytes(), 4096, false);
        log = store.openNow(ID, config, owner);
    }

    private void restart(boolean clean) throws IOException {
        time.runFor(1_000_000_000L);
        if (clean) {
            store.close();
            time.runFor(1_000_000_000L);
        }
        owner.kill();
        workers.kill();
        disk.kill();
        start();
    }

    private void send(long producer, boolean transactional) throws IOException {
        int sequence = sequences.getOrDefault(producer, 0);
        LogAppend append = log.append(
                TestBatches.batch()
                        .timestamps(1000, 1001)
                        .valueBytes(40)
                        .attributes(transactional ? TRANSACTIONAL : 0)
                        .producer(producer, 0, sequence)
                        .build(),
                0,
                AppendOrigin.CLIENT);
        sequences.put(producer, sequence + 2);
        batches.add(new Batch(append.baseOffset(), producer, transactional));
        if (transactional && openOf(producer) == null) {
            transactions.add(new Transaction(producer, append.baseOffset()));
        }
        time.runFor(1_000_000);
    }

    private void end(long producer, boolean commit) throws IOException {
        LogAppend append = log.append(log.endMarker(commit, producer, (short) 0, COORDINATOR), 0, AppendOrigin.BROKER);
        Transaction open = openOf(producer);
        if (open != null) {
            open.marker = append.baseOffset();
            open.commit = commit;
        }
        time.runFor(1_000_000);
    }

    private Transaction openOf(long producer) {
        return transactions.stream()
                .filter(each -> each.producer == producer && each.marker < 0)
                .findFirst()
                .orElse(null);
    }

    private void check() throws IOException {
        long end = log.endOffset();
        assertEquals(
                transactions.stream()
                        .filter(each -> each.marker < 0)
                        .mapToLong(each -> each.first)
                        .min()
                        .orElse(Long.MAX_VALUE),
                log.firstUndecidedOffset(end));
        for (Batch batch : batches) {
            if (batch.transactional) {
                Transaction of = transactions.stream()
                        .filter(each -> each.producer == batch.producer
                                && each.first <= batch.offset
                                && (each.marker < 0 || each.marker > batch.offset))
                        .findFirst()
                        .orElseThrow();
                TransactionFate expected = of.marker < 0
                        ? TransactionFate.UNDECIDED
                        : of.commit ? TransactionFate.COMMITTED : TransactionFate.ABORTED;
                assertEquals(expected, log.fate(batch.producer, batch.offset, end), () -> "fate of " + batch);
            }
        }
        for (long from = 0; from < end; from += 7) {
            long to = Math.min(end, from + 30);
            List<AbortedTransaction> found = new ArrayList<>(log.abortedTransactions(from, to));
            List<AbortedTransaction> expected = new ArrayList<>();
            for (Transaction each : transactions) {
                if (each.marker >= from && !each.commit && each.first < to) {
                    expected.add(new AbortedTransaction(each.producer, each.first));
                }
            }
            assertEquals(expected, found, "aborted in [" + from + ", " + to + ")");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatTheLogSaysIsAFunctionOfItsBatches(long seed) throws IOException {
        SeededRandom random = new SeededRandom(seed);
        for (int round = 0; round < 12; round++) {
            for (int step = 0; step < 60; step++) {
                long producer = random.nextInt(6);
                int what = random.nextInt(10);
                if (producer == 5) {
                    send(producer, false);
                } else if (what < 7) {
                    send(producer, true);
                } else {
                    end(producer, what == 7);
                }
            }
            check();
            switch (random.nextInt(5)) {
                case 0 -> restart(true);
                case 1 -> restart(false);
                case 2 -> {
                    restart(true);
                    check();
                    loseSideFiles(random);
                    restart(false);
                }
                case 3 -> truncate(random);
                default -> {
                    // Goes on.
                }
            }
            check();
        }
    }

    private void loseSideFiles(SeededRandom random) throws IOException {
        for (String name : disk.list(LOG_DIRECTORY)) {
            if (!name.endsWith(LogNames.SEGMENT) && random.nextInt(2) == 0) {
                disk.delete(LOG_DIRECTORY.resolve(name));
            }
        }
    }

    private void truncate(SeededRandom random) throws IOException {
        long offset = log.endOffset() - random.nextInt(40);
        log.truncateTo(offset);
        long end = log.endOffset();
        batches.removeIf(each -> each.offset >= end);
        transactions.removeIf(each -> each.first >= end);
        transactions.forEach(each -> each.marker = each.marker >= end ? -1 : each.marker);
        sequences.clear();
        for (long producer = 0; producer < 6; producer++) {
            long of = producer;
            log.producer(producer).ifPresent(entry -> sequences.put(of, entry.lastSequence() + 1));
        }
    }

    @Test
    void aDecisionCountsOnceItsMarkerIsCommitted() throws IOException {
        send(1, true);
        long committed = log.endOffset();
        end(1, true);
        assertEquals(0, log.firstUndecidedOffset(committed));
        assertEquals(TransactionFate.UNDECIDED, log.fate(1, 0, committed));
        long before = log.decisions(committed);

        assertEquals(Long.MAX_VALUE, log.firstUndecidedOffset(committed + 1));
        assertEquals(TransactionFate.COMMITTED, log.fate(1, 0, committed + 1));
        assertEquals(before + 1, log.decisions(committed + 1));
    }

    @Test
    void aMarkerWithANewerEpochFencesLateProducesInvariant15() throws IOException {
        send(1, true);
        log.append(log.endMarker(false, 1, (short) 1, COORDINATOR), 0, AppendOrigin.BROKER);
        LogException late = assertThrows(LogException.class, () -> send(1, true));
        assertEquals(LogException.Reason.FENCED_PRODUCER_EPOCH, late.reason());
        assertEquals(Long.MAX_VALUE, log.firstUndecidedOffset(log.endOffset()));
    }

    @Test
    void markersOfOlderEpochsAndOfReplacedCoordinatorsAreRefusedInvariant16() throws IOException {
        send(1, true);
        log.append(log.endMarker(true, 1, (short) 2, COORDINATOR), 0, AppendOrigin.BROKER);
        LogException older = assertThrows(
                LogException.class,
                () -> log.append(log.endMarker(true, 1, (short) 1, COORDINATOR), 0, AppendOrigin.BROKER));
        assertEquals(LogException.Reason.FENCED_PRODUCER_EPOCH, older.reason());
        LogException replaced = assertThrows(
                LogException.class,
                () -> log.append(log.endMarker(true, 1, (short) 2, COORDINATOR - 1), 0, AppendOrigin.BROKER));
        assertEquals(LogException.Reason.FENCED_COORDINATOR, replaced.reason());
    }

    @Test
    void aProducerWritesNothingOutsideOfItsUndecidedTransaction() throws IOException {
        send(1, true);
        LogException outside = assertThrows(LogException.class, () -> send(1, false));
        assertEquals(LogException.Reason.INVALID_TRANSACTION_STATE, outside.reason());
        assertTrue(log.inTransaction(1, (short) 0));
        assertFalse(log.inTransaction(1, (short) 1));
        assertFalse(log.inTransaction(2, (short) 0));
    }

    @Test
    void undecidedTransactionsOutliveTheExpiryOfTheirProducer() throws IOException {
        send(1, true);
        time.jumpWallClock(2 * ProducerStates.EXPIRATION_MILLIS);
        for (int producer = 10; producer < 200; producer++) {
            send(producer, false);
        }
        restart(true);
        assertEquals(0, log.firstUndecidedOffset(log.endOffset()));
    }
}
