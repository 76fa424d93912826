package io.penstock.cli;

import io.penstock.protocol.message.BranchDescription;
import io.penstock.protocol.message.BranchId;
import io.penstock.protocol.message.EndBranchRequest;
import io.penstock.protocol.message.EndBranchRequest.Action;
import io.penstock.protocol.message.EndBranchResponse;
import io.penstock.protocol.message.ListBranchesRequest;
import io.penstock.protocol.message.ListBranchesResponse;
import io.penstock.protocol.message.PenstockApi;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code penstock transaction}: prepared branches of distributed transactions, when their transaction manager does not come. */
@Command(
        name = "transaction",
        mixinStandardHelpOptions = true,
        description = "Lists prepared (XA) transactions; ends them by hand when their transaction manager does not.")
final class TransactionCommand {
    private static final String ROW = "%-24s %-19s %8s %8s  %-16s %s%n";

    private final PrintStream out = System.out;

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists what is prepared, and what was ended by hand and not forgotten; the oldest first.")
    int list(@Mixin BrokerOption broker) throws IOException, UsageException {
        out.printf(ROW, "PREPARED", "STATE", "SENDS", "RECEIVED", "USER", "XID");
        for (BranchDescription each : branches(broker)) {
            out.printf(
                    ROW,
                    Instant.ofEpochMilli(each.preparedMillis()),
                    each.state().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    each.sends(),
                    each.accepted(),
                    each.principal(),
                    each.branch());
        }
        return 0;
    }

    @Command(
            name = "commit",
            mixinStandardHelpOptions = true,
            description =
                    "Commits prepared transactions. Their manager is told of it (XA_HEURCOM) until it forgets them.")
    int commit(@Mixin BrokerOption broker, @Parameters(paramLabel = "XID", arity = "1..*") List<String> xids)
            throws IOException, UsageException {
        return end(broker, xids, Action.COMMIT_BY_HAND);
    }

    @Command(
            name = "rollback",
            mixinStandardHelpOptions = true,
            description =
                    "Rolls prepared transactions back. Their manager is told of it (XA_HEURRB) until it forgets them.")
    int rollback(@Mixin BrokerOption broker, @Parameters(paramLabel = "XID", arity = "1..*") List<String> xids)
            throws IOException, UsageException {
        return end(broker, xids, Action.ROLL_BACK_BY_HAND);
    }

    @Command(
            name = "forget",
            mixinStandardHelpOptions = true,
            description = "Forgets transactions that were ended by hand, when their manager is gone for good.")
    int forget(@Mixin BrokerOption broker, @Parameters(paramLabel = "XID", arity = "1..*") List<String> xids)
            throws IOException, UsageException {
        return end(broker, xids, Action.FORGET_BY_HAND);
    }

    private static List<BranchDescription> branches(BrokerOption broker) throws IOException, UsageException {
        return ListBranchesResponse.read(
                        BrokerCalls.ask(broker, PenstockApi.LIST_BRANCHES, new ListBranchesRequest(true, null)),
                        (short) 0)
                .branches();
    }

    /** All are checked before the first is ended. */
    private int end(BrokerOption broker, List<String> xids, Action action) throws IOException, UsageException {
        List<BranchId> branches = new ArrayList<>();
        for (String xid : xids) {
            branches.add(branch(xid));
        }
        boolean good = true;
        for (BranchId branch : branches) {
            EndBranchResponse.Outcome outcome = EndBranchResponse.read(
                            BrokerCalls.ask(broker, PenstockApi.END_BRANCH, new EndBranchRequest(branch, action, null)),
                            (short) 0)
                    .outcome();
            out.println(branch + "  " + text(outcome, action));
            good &= outcome == EndBranchResponse.Outcome.DONE;
        }
        return good ? 0 : 1;
    }

    private static BranchId branch(String xid) throws UsageException {
        try {
            return BranchId.parse(xid);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage() + "; penstock transaction list shows them");
        }
    }

    private static String text(EndBranchResponse.Outcome outcome, Action action) {
        return switch (outcome) {
            case DONE -> action.forgets() ? "forgotten" : action.commits() ? "committed" : "rolled back";
            case UNKNOWN -> "unknown: it is not prepared, or has ended";
            case COMMITTED_BY_HAND, ROLLED_BACK_BY_HAND -> "ended by hand before";
            case REFUSED ->
                action.forgets()
                        ? "refused: only what was ended by hand is forgotten"
                        : "refused: it has ended the other way";
        };
    }
}
