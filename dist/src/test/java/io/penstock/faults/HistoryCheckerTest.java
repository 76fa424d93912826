package io.penstock.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.faults.Event.Outcome;
import io.penstock.faults.Event.Received;
import io.penstock.faults.Event.Sent;
import io.penstock.faults.Event.Settled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class HistoryCheckerTest {
    private static final Promise QUEUE = Promise.flaggedInOrder("q", "all");

    private final List<Event> history = new ArrayList<>();

    private void sent(int number, Outcome outcome) {
        history.add(new Sent("q", number, 1, outcome));
    }

    private void received(int number, int count) {
        history.add(new Received("q", number, "all", 1, 1, count > 1, count));
    }

    private void settled(int number, Outcome outcome) {
        history.add(new Settled("q", number, "all", outcome));
    }

    private List<String> violations(Promise promise) {
        HistoryChecker checker = new HistoryChecker(history);
        checker.check(promise);
        return texts(checker);
    }

    private static List<String> texts(HistoryChecker checker) {
        return checker.violations().stream().map(HistoryChecker.Violation::text).toList();
    }

    private void assertViolation(String part) {
        List<String> found = violations(QUEUE);
        assertEquals(1, found.size(), found::toString);
        assertTrue(found.get(0).contains(part), found::toString);
    }

    @Test
    void whatIsAsPromisedIsFine() {
        sent(1, Outcome.DONE);
        sent(2, Outcome.UNKNOWN);
        sent(3, Outcome.NOT_DONE);
        sent(4, Outcome.UNKNOWN);
        received(1, 1);
        settled(1, Outcome.UNKNOWN);
        received(1, 2);
        settled(1, Outcome.DONE);
        received(4, 1);
        settled(4, Outcome.DONE);

        assertEquals(List.of(), violations(QUEUE));
    }

    @Test
    void findsWhatIsLost() {
        sent(1, Outcome.DONE);
        sent(2, Outcome.DONE);
        received(2, 1);

        assertViolation("lost: 1: [1]");
    }

    @Test
    void findsWhatWasNeverSentOrRolledBack() {
        sent(1, Outcome.NOT_DONE);
        received(1, 1);

        assertViolation("never sent");
    }

    @Test
    void findsWhatComesBackAfterItsEnd() {
        sent(1, Outcome.DONE);
        received(1, 1);
        settled(1, Outcome.DONE);
        received(1, 2);

        assertViolation("settled and came back");
    }

    @Test
    void findsARepeatThatIsNotFlagged() {
        sent(1, Outcome.DONE);
        received(1, 0);
        received(1, 0);

        assertViolation("not flagged");
    }

    @Test
    void findsCountsThatAreTooLowOrUnlikeTheFlag() {
        sent(1, Outcome.DONE);
        received(1, 1);
        received(1, 2);
        received(1, 2);
        assertViolation("handed out 3 times");

        history.clear();
        sent(1, Outcome.DONE);
        history.add(new Received("q", 1, "all", 1, 1, false, 2));
        assertViolation("flag and count differ");
    }

    @Test
    void findsWhatIsOutOfOrder() {
        sent(1, Outcome.DONE);
        sent(2, Outcome.DONE);
        received(2, 1);
        received(1, 1);

        assertViolation("after 2 came");
        assertEquals(List.of(), violations(Promise.flagged("q", "all")));
    }

    @Test
    void ordersOfDifferentSendersAndReadersHaveNothingToDoWithEachOther() {
        sent(1, Outcome.DONE);
        sent(2, Outcome.DONE);
        sent(3, Outcome.DONE);
        history.add(new Received("q", 3, "all", 1, 1, false, 1));
        history.add(new Received("q", 2, "all", 2, 1, false, 1));
        history.add(new Received("q", 1, "all", 1, 2, false, 1));

        assertEquals(List.of(), violations(QUEUE));
    }

    @Test
    void repeatsWithoutPromiseAreFineUntilTheyAreSettled() {
        sent(1, Outcome.DONE);
        received(1, 0);
        received(1, 0);
        Promise group = Promise.atLeastOnce("q", "all");
        assertEquals(List.of(), violations(group));

        settled(1, Outcome.DONE);
        received(1, 0);
        assertEquals(1, violations(group).size());
    }

    @Test
    void findsHalfOfATransaction() {
        Promise other = Promise.flagged("other", "all");
        received(1, 1);
        received(2, 1);
        history.add(new Received("other", 2, "all", 1, 1, false, 1));
        HistoryChecker checker = new HistoryChecker(history);

        checker.checkSame(QUEUE, other);

        assertEquals(List.of("q: only there and not in other: 1: [1]"), texts(checker));
    }

    @Test
    void findsWhatDidNotArriveWhereItIsMoved() {
        sent(1, Outcome.DONE);
        sent(2, Outcome.DONE);
        Promise other = Promise.flagged("other", "all");
        history.add(new Received("other", 2, "all", 1, 1, false, 1));
        HistoryChecker checker = new HistoryChecker(history);

        checker.checkArrived("q", other);

        assertEquals(List.of("other: sent to q and not here: 1: [1]"), texts(checker));
    }

    @Test
    void countsRepeatsAndConfirmations() {
        sent(1, Outcome.DONE);
        sent(2, Outcome.UNKNOWN);
        received(1, 1);
        received(1, 2);
        received(2, 1);
        HistoryChecker checker = new HistoryChecker(history);

        assertEquals(1, checker.repeats(QUEUE));
        assertEquals(1, checker.confirmed("q"));
    }
}
