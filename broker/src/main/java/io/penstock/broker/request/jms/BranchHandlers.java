package io.penstock.broker.request.jms;

import io.penstock.protocol.message.BranchId;
import io.penstock.protocol.message.CommitRequest;
import io.penstock.protocol.message.EndBranchRequest;
import io.penstock.protocol.message.ListBranchesRequest;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PrepareBranchRequest;
import java.nio.ByteBuffer;

/** What clients ask about branches of distributed transactions. A list, no logic. */
final class BranchHandlers {
    private BranchHandlers() {}

    /** PrepareBranch. Rule: as of Commit. */
    static final class Prepare extends CommitHandler {
        Prepare(JmsGate gate, Committing committing) {
            super(PenstockApi.PREPARE_BRANCH, gate, committing);
        }

        @Override
        Asked read(ByteBuffer body, short version) {
            PrepareBranchRequest request = PrepareBranchRequest.read(body, version);
            BranchId branch = request.branch();
            return new Asked(
                    new CommitRequest(
                            request.sessionId(),
                            request.sequence(),
                            request.sends(),
                            request.marks(),
                            request.settlements()),
                    branch);
        }
    }

    /** EndBranch. Rule: whose branch it is; by hand who may alter the log of decisions. */
    static final class End extends JmsHandler {
        private final BranchAsking asking;

        End(JmsGate gate, BranchAsking asking) {
            super(PenstockApi.END_BRANCH, gate);
            this.asking = asking;
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) throws FrontException {
            EndBranchRequest request = EndBranchRequest.read(body, call.version());
            if (request.action().byHand()) {
                require(call, Authoriser.Right.ALTER, InternalTopics.TRANSACTIONS);
            }
            String principal =
                    request.action().byHand() ? null : call.connection().principal();
            asking.end(
                    new EndBranchRequest(request.branch(), request.action(), principal),
                    call.connection().owner(),
                    answer -> call.reply(new MessageFrame(answer)),
                    call::fail);
        }
    }

    /** ListBranches. Rule: the user's own; all of them for who may describe the log of decisions. */
    static final class ListAll extends JmsHandler {
        private final BranchAsking asking;

        ListAll(JmsGate gate, BranchAsking asking) {
            super(PenstockApi.LIST_BRANCHES, gate);
            this.asking = asking;
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) throws FrontException {
            boolean all = ListBranchesRequest.read(body, call.version()).all();
            if (all) {
                require(call, Authoriser.Right.DESCRIBE, InternalTopics.TRANSACTIONS);
            }
            asking.list(
                    new ListBranchesRequest(all, all ? null : call.connection().principal()),
                    call.connection().owner(),
                    answer -> call.reply(new MessageFrame(answer)),
                    call::fail);
        }
    }
}
