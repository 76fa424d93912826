package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/** One filled message of each type, with its reader. */
final class MessageSamples {
    private static final UUID TOPIC = new UUID(0x1234_5678_9abc_def0L, 0xfedc_ba98_7654_3210L);
    private static final List<OffsetRange> RANGES = List.of(new OffsetRange(0, 0), new OffsetRange(7, 1L << 40));
    private static final List<Mark> MARKS = List.of(new Mark(1, 2, RANGES), new Mark(3, 4, List.of()));
    private static final List<Settlement> SETTLEMENTS = List.of(
            new Settlement(1, 2, Disposition.ACCEPT, RANGES),
            new Settlement(1, 3, Disposition.RELEASE_COUNTED, RANGES),
            new Settlement(1, 4, Disposition.RELEASE, List.of()));
    private static final List<SendEntry> SENDS =
            List.of(new SendEntry(TOPIC, 0, bytes("batch one")), new SendEntry(TOPIC, 5, bytes("")));

    private MessageSamples() {}

    interface Reader {
        PrivateMessage read(ByteBuffer src, short version);
    }

    record Sample(PrivateMessage message, Reader reader) {
        @Override
        public String toString() {
            return message.getClass().getSimpleName();
        }
    }

    private static final CommitId COMMIT = new CommitId(77, 3, 12);
    private static final CommitTerm TERM = new CommitTerm(9, 1L << 33);
    private static final List<CommitSettle> COMMIT_SETTLES =
            List.of(new CommitSettle(TOPIC, 1, "orders", 5, RANGES), new CommitSettle(TOPIC, 2, "", 0, List.of()));

    private static final BranchId BRANCH = new BranchId(131077, new byte[] {0, -1, 42}, new byte[] {7});

    static List<Sample> all() {
        return List.of(
                new Sample(
                        new PrepareBranchRequest(3, 12, BRANCH, SENDS, MARKS, SETTLEMENTS), PrepareBranchRequest::read),
                new Sample(
                        new EndBranchRequest(BRANCH, EndBranchRequest.Action.ROLL_BACK, null), EndBranchRequest::read),
                new Sample(
                        new EndBranchResponse(EndBranchResponse.Outcome.ROLLED_BACK_BY_HAND), EndBranchResponse::read),
                new Sample(new ListBranchesRequest(true, "user"), ListBranchesRequest::read),
                new Sample(
                        new ListBranchesResponse(List.of(new BranchDescription(
                                BRANCH, BranchDescription.State.PREPARED, "user", 1L << 40, 2, 1L << 33))),
                        ListBranchesResponse::read),
                new Sample(
                        new HoldBranchRequest(BRANCH, "user", 1L << 40, COMMIT, TERM, SENDS, COMMIT_SETTLES),
                        HoldBranchRequest::read),
                new Sample(new ReleaseCommitRequest(COMMIT, COMMIT_SETTLES), ReleaseCommitRequest::read),
                new Sample(
                        new PrepareCommitRequest(
                                COMMIT,
                                TERM,
                                List.of(new CommitSend(TOPIC, 4, 77, (short) 0, 5, 9, 1000, bytes("head"))),
                                COMMIT_SETTLES),
                        PrepareCommitRequest::read),
                new Sample(new DecideCommitRequest(COMMIT, TERM, SENDS, COMMIT_SETTLES), DecideCommitRequest::read),
                new Sample(new ApplyCommitRequest(COMMIT, SENDS, COMMIT_SETTLES), ApplyCommitRequest::read),
                new Sample(new PrepareCommitResponse(true), PrepareCommitResponse::read),
                new Sample(new AskCommitRequest(COMMIT), AskCommitRequest::read),
                new Sample(new AskCommitResponse(AskCommitResponse.Outcome.NEVER, TERM), AskCommitResponse::read),
                new Sample(
                        new SubscriptionGroupRequest(
                                SubscriptionGroupRequest.Action.COUNT_HELD, TOPIC, 1, "group", 5, 3, null, "a = 1"),
                        SubscriptionGroupRequest::read),
                new Sample(new SubscriptionGroupResponse(9), SubscriptionGroupResponse::read),
                new Sample(new RelayOpenRequest(77, "token", null, "user", 3), RelayOpenRequest::read),
                new Sample(new RelayOpenResponse(5), RelayOpenResponse::read),
                new Sample(new RelayRequest(5, (short) 20003, bytes("body")), RelayRequest::read),
                new Sample(new RelayPollRequest(5, 500, 1 << 20), RelayPollRequest::read),
                new Sample(new RelayPollResponse(List.of(bytes("push"), bytes(""))), RelayPollResponse::read),
                new Sample(new UndoCommitRequest(COMMIT, TERM, COMMIT_SETTLES), UndoCommitRequest::read),
                new Sample(
                        new ReplicaFetchRequest(
                                1,
                                2,
                                3,
                                4,
                                500,
                                1 << 20,
                                List.of(new ReplicaPosition(
                                        TOPIC, 0, 7, new ReplicaLogPosition(55, 6), new ReplicaLogPosition(0, -1))),
                                List.of(new ReplicaPartition(TOPIC, 3))),
                        ReplicaFetchRequest::read),
                new Sample(
                        new ReplicaFetchResponse(
                                9,
                                List.of(new ReplicaRow(
                                        TOPIC,
                                        0,
                                        7,
                                        PenstockError.NONE,
                                        new ReplicaLogRow(
                                                ReplicaLogRow.State.FITS, 40, 50, 2, -1, -1, bytes("batches")),
                                        new ReplicaLogRow(ReplicaLogRow.State.DIVERGING, 20, 0, 0, 6, 12, bytes(""))))),
                        ReplicaFetchResponse::read),
                new Sample(new OpenConnectionRequest("client", "user\u00e4\u20ac", null), OpenConnectionRequest::read),
                new Sample(new OpenConnectionRequest(null, null, "token", 9), OpenConnectionRequest::read),
                new Sample(new AuthenticateRequest("SCRAM-SHA-256", bytes("n,,n=u,r=1")), AuthenticateRequest::read),
                new Sample(new AuthenticateResponse(true, bytes("v=1")), AuthenticateResponse::read),
                new Sample(
                        new OpenConnectionResponse(1, "token", 30_000, 1 << 20, 77, 1000, 1 << 26),
                        OpenConnectionResponse::read),
                new Sample(new AllocateProducerIdsRequest(100), AllocateProducerIdsRequest::read),
                new Sample(new AllocateProducerIdsResponse(1077, 100), AllocateProducerIdsResponse::read),
                new Sample(
                        new UpdatePartitionsRequest(
                                1,
                                7,
                                12,
                                List.of(new PartitionState(
                                        "orders",
                                        new UUID(3, 4),
                                        2,
                                        1,
                                        5,
                                        List.of(1, 2, 3),
                                        List.of(1),
                                        List.of(2),
                                        9,
                                        4711,
                                        List.of(new PartitionState.Stamp(1, 12)),
                                        List.of(4),
                                        List.of(1)))),
                        UpdatePartitionsRequest::read),
                new Sample(
                        new WriteMarkersRequest(List.of(new WriteMarkersRequest.Marker(
                                new UUID(3, 4), 2, 4711, (short) 7, 12, true, (byte) 2))),
                        WriteMarkersRequest::read),
                new Sample(new WriteMarkersResponse(List.of(0, 3)), WriteMarkersResponse::read),
                new Sample(
                        new EnrolRequest(
                                "tx",
                                4711,
                                (short) 7,
                                false,
                                (byte) 2,
                                List.of(new EnrolRequest.Place(new UUID(3, 4), "orders", 2))),
                        EnrolRequest::read),
                new Sample(new EnrolResponse("PRODUCER_FENCED"), EnrolResponse::read),
                new Sample(new ReplayRequest("orders", "c/sub", 2, ReplayRequest.BY_TIME, 77), ReplayRequest::read),
                new Sample(new ReplayRequest("orders", null, 0, 12, 0), ReplayRequest::read),
                new Sample(new ReplayResponse(12, 3), ReplayResponse::read),
                new Sample(new ResolveRequest("orders", DestinationKind.TOPIC, true, 3), ResolveRequest::read),
                new Sample(
                        new ResolveResponse(
                                TOPIC,
                                DestinationKind.QUEUE,
                                List.of(new PartitionLeader(0, 1, 4), new PartitionLeader(1, -1, 4)),
                                List.of(new BrokerAddress(1, "127.0.0.1", 9092))),
                        ResolveResponse::read),
                new Sample(new SendRequest(9, SendDurability.MEMORY, SENDS), SendRequest::read),
                new Sample(
                        new SendResponse(List.of(
                                new SendResult(PenstockError.NONE, null, 44, -1),
                                new SendResult(PenstockError.STORAGE_FULL, "no room", -1, -1))),
                        SendResponse::read),
                new Sample(
                        new HoldRequest(3, List.of(new Mark(1, 0, List.of(new OffsetRange(5, 9))))), HoldRequest::read),
                new Sample(
                        new HoldResponse(List.of(new Mark(1, 0, List.of(new OffsetRange(7, 7))))), HoldResponse::read),
                new Sample(
                        new CreateTemporaryRequest("__tmp.1.a", DestinationKind.TOPIC), CreateTemporaryRequest::read),
                new Sample(new DeleteTemporaryRequest("__tmp.1.a"), DeleteTemporaryRequest::read),
                new Sample(
                        new SendPieceRequest(3, TOPIC, 1, SendDurability.MEMORY, 3_000_000, bytes("piece")),
                        SendPieceRequest::read),
                new Sample(new SendPieceResponse(77), SendPieceResponse::read),
                new Sample(new ReadPieceRequest(TOPIC, 1, new UUID(5, 6), 3, 77), ReadPieceRequest::read),
                new Sample(new ReadPieceResponse(bytes("part of a body")), ReadPieceResponse::read),
                new Sample(new DropPiecesRequest(3, TOPIC, 1, new UUID(5, 6)), DropPiecesRequest::read),
                new Sample(
                        new SubscribeRequest("prices", "client", "topic", "a > 1", true, false, true),
                        SubscribeRequest::read),
                new Sample(new SubscribeResponse(TOPIC, "client/prices", 3), SubscribeResponse::read),
                new Sample(new UnsubscribeRequest("prices", null), UnsubscribeRequest::read),
                new Sample(
                        new AttachRequest(
                                1,
                                2,
                                TOPIC,
                                List.of(0, 1, 5),
                                AttachSource.SUBSCRIPTION,
                                "client/prices",
                                3,
                                null,
                                false,
                                true,
                                100,
                                1 << 20),
                        AttachRequest::read),
                new Sample(new AttachResponse(List.of(0, 5)), AttachResponse::read),
                new Sample(new CreditRequest(2, 50, 1 << 19, 6), CreditRequest::read),
                new Sample(new SettleRequest(1, 8, true, MARKS, SETTLEMENTS), SettleRequest::read),
                new Sample(new DetachRequest(1, 2, List.of(new PartitionRanges(0, RANGES))), DetachRequest::read),
                new Sample(new CommitRequest(1, 9, SENDS, MARKS, SETTLEMENTS), CommitRequest::read),
                new Sample(new CommitResponse(List.of(1L, -1L)), CommitResponse::read),
                new Sample(new CloseSessionRequest(1, MARKS), CloseSessionRequest::read),
                new Sample(new CloseConnectionRequest(), CloseConnectionRequest::read),
                new Sample(new PingRequest(), PingRequest::read),
                new Sample(new LocalSocketRequest(), LocalSocketRequest::read),
                new Sample(new LocalSocketResponse("/var/lib/penstock/s", 9092, 40_000), LocalSocketResponse::read),
                new Sample(new LocalSocketResponse(null, 9092, 40_000), LocalSocketResponse::read),
                new Sample(EmptyResponse.INSTANCE, EmptyResponse::read),
                new Sample(
                        new AlterSettingsRequest(List.of(
                                new DestinationSetting("orders.#", "max-delivery-attempts", "5"),
                                new DestinationSetting("orders.*", "redelivery-delay", null))),
                        AlterSettingsRequest::read),
                new Sample(new DescribeSettingsRequest("orders.eu"), DescribeSettingsRequest::read),
                new Sample(
                        new DescribeSettingsResponse(
                                List.of(new DestinationSetting("#", "dead-letter-address", "DLQ"))),
                        DescribeSettingsResponse::read),
                new Sample(new DescribeDestinationsRequest("ord*"), DescribeDestinationsRequest::read),
                new Sample(
                        new DescribeDestinationsResponse(List.of(new DestinationDescription(
                                "orders",
                                DestinationKind.QUEUE,
                                2,
                                List.of(new GroupDescription("orders", 1, 2, 3, 4))))),
                        DescribeDestinationsResponse::read),
                new Sample(
                        new DeliverPush(
                                2,
                                1,
                                -10,
                                List.of(new AcquiredRange(3, 9, 1), new AcquiredRange(11, 11, 2, true)),
                                bytes("x")),
                        DeliverPush::read),
                new Sample(new DrainedPush(2, 6), DrainedPush::read),
                new Sample(
                        new ConsumerErrorPush(2, PenstockError.UNKNOWN_DESTINATION, "gone"), ConsumerErrorPush::read),
                new Sample(new ConnectionErrorPush(PenstockError.FENCED, "taken over"), ConnectionErrorPush::read),
                new Sample(
                        new PrivateRequestHeader((short) 20003, (short) 0, 5, "jms"),
                        (src, version) -> PrivateRequestHeader.read(src)),
                new Sample(
                        new PrivateResponseHeader(5, PenstockError.NOT_LEADER, "ask 3"),
                        (src, version) -> PrivateResponseHeader.read(src)),
                new Sample(PrivateResponseHeader.success(5), (src, version) -> PrivateResponseHeader.read(src)),
                new Sample(new PushHeader(PushKind.DELIVER, (short) 0), (src, version) -> PushHeader.read(src)));
    }

    static ByteBuffer written(PrivateMessage message) {
        ByteBuffer dst = ByteBuffer.allocate(message.sizeBytes());
        message.writeTo(dst);
        return dst.flip();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
