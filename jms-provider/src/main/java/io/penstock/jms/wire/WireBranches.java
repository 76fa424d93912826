package io.penstock.jms.wire;

import io.penstock.jms.client.BranchXid;
import io.penstock.jms.client.ClientBranches;
import io.penstock.protocol.message.BranchId;
import io.penstock.protocol.message.EndBranchRequest;
import io.penstock.protocol.message.EndBranchResponse;
import io.penstock.protocol.message.ListBranchesRequest;
import io.penstock.protocol.message.ListBranchesResponse;
import io.penstock.protocol.message.PenstockApi;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Asks the broker about branches. Any thread. */
final class WireBranches implements ClientBranches {
    private final WireConnection connection;

    WireBranches(WireConnection connection) {
        this.connection = connection;
    }

    static BranchId id(BranchXid xid) {
        return new BranchId(xid.getFormatId(), xid.getGlobalTransactionId(), xid.getBranchQualifier());
    }

    @Override
    public CompletableFuture<Outcome> end(BranchXid xid, End end) {
        EndBranchRequest.Action action =
                switch (end) {
                    case COMMIT -> EndBranchRequest.Action.COMMIT;
                    case ROLL_BACK -> EndBranchRequest.Action.ROLL_BACK;
                    case FORGET -> EndBranchRequest.Action.FORGET;
                };
        return connection
                .call(
                        PenstockApi.END_BRANCH,
                        new EndBranchRequest(id(xid), action, null),
                        EndBranchResponse::read,
                        "ending branch " + xid)
                .thenApply(response -> switch (response.outcome()) {
                    case DONE -> Outcome.DONE;
                    case UNKNOWN -> Outcome.UNKNOWN;
                    case COMMITTED_BY_HAND -> Outcome.COMMITTED_BY_HAND;
                    case ROLLED_BACK_BY_HAND -> Outcome.ROLLED_BACK_BY_HAND;
                    case REFUSED -> Outcome.REFUSED;
                });
    }

    @Override
    public CompletableFuture<List<BranchXid>> list() {
        return connection
                .call(
                        PenstockApi.LIST_BRANCHES,
                        new ListBranchesRequest(false, null),
                        ListBranchesResponse::read,
                        "asking for prepared branches")
                .thenApply(response -> response.branches().stream()
                        .map(each -> new BranchXid(
                                each.branch().formatId(),
                                each.branch().globalId(),
                                each.branch().qualifier()))
                        .toList());
    }
}
