package io.penstock.broker.transaction.kafka;

import static io.penstock.broker.transaction.kafka.TransactionFixture.ID;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The state machine of a transactional id, by both versions of the protocol (invariants 15 and 16). */
@Timeout(30)
class TransactionShardTest {
    private final TransactionFixture f = new TransactionFixture(1);

    private static ProducerIdentity identity(long id, int epoch) {
        return new ProducerIdentity(id, (short) epoch);
    }

    @Test
    void aCommitReachesAllPartitionsWithTheNextEpoch() {
        ProducerIdentity client = f.init();
        assertEquals(TransactionError.NONE, f.add(client, 2, 0, 1));
        InitResult ended = f.end(client, true, 2);
        assertEquals(new InitResult(TransactionError.NONE, client.next()), ended);
        f.run(100);
        assertEquals(TransactionPhase.COMPLETE_COMMIT, f.phase());
        for (int partition = 0; partition < 2; partition++) {
            List<MarkerPort.Marker> markers = f.markers.get(TransactionFixture.partition(partition));
            assertEquals(List.of(new MarkerPort.Marker(client.next(), 1, true, 2)), markers);
        }
    }

    @Test
    void byVersion1TheEpochStays() {
        ProducerIdentity client = f.init();
        f.add(client, 1, 0);
        assertEquals(new InitResult(TransactionError.NONE, client), f.end(client, true, 1));
        f.run(100);
        assertEquals(
                client, f.markers.get(TransactionFixture.partition(0)).get(0).producer());
        assertEquals(TransactionError.NONE, f.add(client, 1, 1));
    }

    @Test
    void aLateRequestOfTheEndedTransactionIsFencedInvariant15() {
        ProducerIdentity client = f.init();
        f.add(client, 2, 0);
        f.end(client, true, 2);
        f.run(100);
        assertEquals(TransactionError.PRODUCER_FENCED, f.add(client, 2, 0));
        assertEquals(TransactionError.PRODUCER_FENCED, f.verify(client, 0));
    }

    /** The next coordinator may have ended the transaction: a late batch would lie behind its marker for ever. */
    @Test
    void whoMayHaveBeenReplacedVouchesForNothingInvariant15() {
        ProducerIdentity client = f.init();
        f.add(client, 1, 0);
        assertEquals(TransactionError.NONE, f.verify(client, 0));
        f.serving = false;
        assertEquals(TransactionError.COORDINATOR_NOT_AVAILABLE, f.verify(client, 0));
        assertEquals(TransactionError.COORDINATOR_NOT_AVAILABLE, f.add(client, 1, 0));
        assertEquals(
                TransactionError.COORDINATOR_NOT_AVAILABLE, f.verify(client.next(), 0), "nor does it fence anybody");
        assertEquals(
                TransactionError.COORDINATOR_NOT_AVAILABLE,
                f.end(client, true, 1).error());
        assertEquals(TransactionError.COORDINATOR_NOT_AVAILABLE, f.init(client).error());
        f.serving = true;
        assertEquals(TransactionError.NONE, f.verify(client, 0));
        assertEquals(TransactionError.NONE, f.end(client, true, 1).error());
    }

    /** The lease may end while the question waits for a record: what counts is when the answer is made. */
    @Test
    void whoIsReplacedWhileAQuestionWaitsVouchesForNothingInvariant15() {
        ProducerIdentity client = f.init();
        f.add(client, 1, 0);
        AtomicReference<TransactionError> answer = new AtomicReference<>();
        f.shard.add(ID, client, Set.of(TransactionFixture.partition(1)), 1, done -> {});
        f.shard.verify(ID, client, TransactionFixture.partition(0), answer::set);
        assertNull(answer.get());
        f.serving = false;
        f.run(100);
        assertEquals(TransactionError.COORDINATOR_NOT_AVAILABLE, answer.get());
    }

    /** Also one that its first coordinator took with another clock. */
    @Test
    void aClockThatGoesBackDoesNotKeepAnybodysTransactionOpenInvariant15() {
        ProducerIdentity client = f.init();
        f.add(client, 1, 0);
        f.time.jumpWallClock(-3_600_000);
        f.run(5_000);
        f.crash();
        f.time.jumpWallClock(-3_600_000);
        f.run(9_000);
        assertEquals(TransactionPhase.ONGOING, f.phase(), "its time-out is 10 s from when this coordinator saw it");
        f.run(3_000);
        assertEquals(TransactionPhase.COMPLETE_ABORT, f.phase());
    }

    @Test
    void aRepeatedEndIsAnsweredAlikeAndItsOppositeRefused() {
        ProducerIdentity client = f.init();
        f.add(client, 2, 0);
        InitResult first = f.end(client, true, 2);
        assertEquals(first, f.end(client, true, 2));
        assertEquals(TransactionError.INVALID_TXN_STATE, f.end(client, false, 2).error());
        assertEquals(1, f.markers.get(TransactionFixture.partition(0)).size());
    }

    /** The Java client sends EndTxn before Produce when its two threads meet so; a refusal would be fatal for it. */
    @Test
    void aCommitThatOvertakesItsFirstBatchIsAskedForAgain() {
        ProducerIdentity client = f.init();
        assertEquals(
                TransactionError.CONCURRENT_TRANSACTIONS, f.end(client, true, 2).error());
        f.add(client, 2, 0);
        InitResult first = f.end(client, true, 2);
        assertEquals(new InitResult(TransactionError.NONE, client.next()), first);
        f.run(100);
        ProducerIdentity next = first.producer();
        assertEquals(
                TransactionError.CONCURRENT_TRANSACTIONS, f.end(next, true, 2).error());
        assertEquals(TransactionPhase.COMPLETE_COMMIT, f.phase());
        f.add(next, 2, 0);
        assertEquals(new InitResult(TransactionError.NONE, next.next()), f.end(next, true, 2));
        f.run(100);
        assertEquals(2, f.markers.get(TransactionFixture.partition(0)).size());
    }

    @Test
    void aCommitOfNothingIsRefusedTheSecondTimeAndByVersion1AtOnce() {
        ProducerIdentity client = f.init();
        assertEquals(TransactionError.INVALID_TXN_STATE, f.end(client, true, 1).error());
        assertEquals(
                TransactionError.CONCURRENT_TRANSACTIONS, f.end(client, true, 2).error());
        assertEquals(TransactionError.INVALID_TXN_STATE, f.end(client, true, 2).error());
        assertEquals(TransactionError.INVALID_TXN_STATE, f.end(client, true, 2).error());
        f.add(client, 2, 0);
        assertEquals(new InitResult(TransactionError.NONE, client.next()), f.end(client, true, 2));
    }

    @Test
    void whatIsNotInTheTransactionIsNotVerified() {
        ProducerIdentity client = f.init();
        assertEquals(TransactionError.INVALID_TXN_STATE, f.verify(client, 0));
        f.add(client, 1, 0);
        assertEquals(TransactionError.NONE, f.verify(client, 0));
        assertEquals(TransactionError.INVALID_TXN_STATE, f.verify(client, 1));
        assertEquals(TransactionError.INVALID_PRODUCER_ID_MAPPING, f.verify(identity(client.producerId() + 1, 0), 0));
    }

    @Test
    void aSecondClientAbortsAndFencesTheFirst() {
        ProducerIdentity first = f.init();
        f.add(first, 2, 0);
        ProducerIdentity second = f.init();
        assertEquals(first.producerId(), second.producerId());
        assertTrue(second.epoch() > first.epoch() + 1, () -> "the epoch between is nobody's: " + second);
        MarkerPort.Marker marker =
                f.markers.get(TransactionFixture.partition(0)).get(0);
        assertEquals(new MarkerPort.Marker(first.next(), 1, false, 2), marker);
        assertEquals(TransactionError.PRODUCER_FENCED, f.end(first, true, 2).error());
        assertEquals(TransactionError.PRODUCER_FENCED, f.init(first).error());
    }

    @Test
    void aTransactionThatTimesOutIsAbortedInvariant15() {
        ProducerIdentity client = f.init();
        f.add(client, 2, 0);
        f.run(9_000);
        assertEquals(TransactionPhase.ONGOING, f.phase());
        f.run(2_000);
        assertEquals(TransactionPhase.COMPLETE_ABORT, f.phase());
        assertEquals(TransactionError.PRODUCER_FENCED, f.end(client, true, 2).error());
    }

    @Test
    void exhaustedEpochsGiveANewProducerId() {
        ProducerIdentity client = f.init();
        for (int i = 0; i < Short.MAX_VALUE + 10; i++) {
            f.add(client, 2, 0);
            InitResult ended = f.end(client, i % 2 == 0, 2);
            assertEquals(TransactionError.NONE, ended.error());
            if (client.exhausted()) {
                assertEquals(0, ended.producer().epoch());
                assertTrue(ended.producer().producerId() > client.producerId());
                assertEquals(ended, f.end(client, i % 2 == 0, 2), "a repetition over the change of ids");
                return;
            }
            client = ended.producer();
        }
        throw new AssertionError("epochs did not run out: " + client);
    }

    @Test
    void aMarkerThatFailsIsTriedAgainAndTheNextTransactionWaits() {
        int[] failures = {5};
        f.markerOutcome = partition -> failures[0]-- > 0 ? MarkerPort.Outcome.FAILED : MarkerPort.Outcome.COMMITTED;
        ProducerIdentity client = f.init();
        f.add(client, 2, 0);
        ProducerIdentity next = f.end(client, true, 2).producer();
        assertEquals(TransactionPhase.PREPARE_COMMIT, f.phase());
        assertEquals(TransactionError.NONE, f.add(next, 2, 1));
        assertEquals(TransactionPhase.ONGOING, f.phase());
        assertEquals(1, f.markers.get(TransactionFixture.partition(0)).size());
    }

    @Test
    void whoWaitsTooLongForTheMarkersIsToldSo() {
        f.markerOutcome = partition -> MarkerPort.Outcome.FAILED;
        ProducerIdentity client = f.init();
        f.add(client, 2, 0);
        ProducerIdentity next = f.end(client, true, 2).producer();
        assertEquals(TransactionError.CONCURRENT_TRANSACTIONS, f.add(next, 2, 1));
    }

    @Test
    void aFullDiskChangesNothing() {
        ProducerIdentity client = f.init();
        f.add(client, 2, 0);
        f.diskFull = true;
        assertEquals(
                TransactionError.COORDINATOR_NOT_AVAILABLE,
                f.end(client, true, 2).error());
        assertEquals(
                TransactionError.COORDINATOR_NOT_AVAILABLE,
                f.init(ProducerIdentity.NONE).error());
        assertEquals(TransactionPhase.ONGOING, f.phase());
        f.diskFull = false;
        assertEquals(TransactionError.NONE, f.end(client, true, 2).error());
    }

    @Test
    void idsThatNobodyUsesAreForgotten() {
        f.init();
        f.run(3_700_000);
        assertEquals(
                TransactionError.TRANSACTIONAL_ID_NOT_FOUND,
                f.shard.describe(TransactionFixture.ID).error());
        f.crash();
        assertEquals(0, f.shard.entries().size());
    }

    @Test
    void timeOutsBeyondTheLimitAreRefused() {
        InitResult result = f.await(reply -> f.shard.init(TransactionFixture.ID, 60_001, ProducerIdentity.NONE, reply));
        assertEquals(TransactionError.INVALID_TRANSACTION_TIMEOUT, result.error());
    }

    @Test
    void aPartitionIsGoneOnlyWhenItIsKnownForLong() {
        f.markerOutcome = partition -> MarkerPort.Outcome.GONE;
        ProducerIdentity client = f.init();
        f.add(client, 2, 0);
        f.end(client, true, 2);
        f.run(4_000);
        assertEquals(TransactionPhase.PREPARE_COMMIT, f.phase());
        f.crash();
        f.run(4_000);
        assertEquals(TransactionPhase.PREPARE_COMMIT, f.phase());
        f.run(2_000);
        assertEquals(TransactionPhase.COMPLETE_COMMIT, f.phase());
    }
}
