package io.penstock.broker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.penstock.broker.request.ApiVersionsHandler;
import io.penstock.broker.request.ClientConnection.OutgoingFrame;
import io.penstock.broker.request.HandlerRegistry;
import io.penstock.broker.request.KafkaHandler;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.MetadataRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Order, limits and the release of buffers, without a socket. Netty's leak detection is on in all tests. */
@Timeout(20)
class ConnectionTest {
    private static final int FRAME_BYTES_MAX = 4096;
    private static final int CONNECTION_BYTES_MAX = 1000;
    private static final int REQUESTS_MAX = 5;
    private static final int ALL_BYTES_MAX = 1500;
    private static final int PART_BYTES_MIN = 200;
    private static final long PART_MILLIS = 10_000;

    private final Pending pending = new Pending();
    private final RequestBudget budget = new RequestBudget(ALL_BYTES_MAX);
    private final List<ByteBuf> given = new ArrayList<>();
    private EmbeddedChannel channel;

    /** Answers nothing by itself. */
    private static final class Pending implements KafkaHandler<MetadataRequest> {
        private final List<Call> calls = new ArrayList<>();

        @Override
        public ApiKeys key() {
            return ApiKeys.METADATA;
        }

        @Override
        public void handle(Call call, MetadataRequest request) {
            call.retain();
            calls.add(call);
        }
    }

    /** A push. */
    private record Zeros(int sizeBytes) implements OutgoingFrame {
        @Override
        public void writeTo(ByteBuffer dst) {
            dst.put(new byte[sizeBytes]);
        }
    }

    /** A push that cannot be made. */
    private static final class TooLarge implements OutgoingFrame {
        private boolean released;

        @Override
        public int sizeBytes() {
            return 10;
        }

        @Override
        public void writeTo(ByteBuffer dst) {
            throw new OutOfMemoryError("simulated");
        }

        @Override
        public void release() {
            released = true;
        }
    }

    @BeforeEach
    void open() {
        channel = connect();
    }

    private EmbeddedChannel connect() {
        HandlerRegistry handlers = new HandlerRegistry();
        handlers.add(new ApiVersionsHandler(handlers)).add(pending);
        WireConfig config = new WireConfig(
                FRAME_BYTES_MAX,
                0,
                10,
                CONNECTION_BYTES_MAX,
                REQUESTS_MAX,
                ALL_BYTES_MAX,
                PART_BYTES_MIN,
                PART_MILLIS,
                LoginLimits.of(true, 1024));
        EmbeddedChannel made = new EmbeddedChannel();
        FrameDecoder decoder = new FrameDecoder(config.frameBytesMax());
        made.pipeline()
                .addLast(decoder)
                .addLast(new Connection(
                        "1",
                        made,
                        new EventLoopOwner(made.eventLoop()),
                        decoder,
                        new RequestDispatch(handlers),
                        budget,
                        config,
                        new Newcomers(config.login())));
        return made;
    }

    @AfterEach
    void everythingIsReleased() {
        channel.finishAndReleaseAll();
        given.forEach(each -> assertEquals(0, each.refCnt()));
        assertEquals(0, budget.bytes());
    }

    private void receive(EmbeddedChannel at, ByteBuffer... frames) {
        ByteBuf bytes = Unpooled.directBuffer();
        for (ByteBuffer frame : frames) {
            bytes.writeBytes(frame.duplicate());
        }
        given.add(bytes);
        at.writeInbound(bytes);
        at.runPendingTasks();
    }

    /** A Metadata request of version 1 for no topics, with so many bytes of a client id. */
    private static ByteBuffer metadata(int correlationId, int clientIdBytes) {
        ByteBuffer frame = ByteBuffer.allocate(18 + clientIdBytes);
        frame.putInt(14 + clientIdBytes)
                .putShort(ApiKeys.METADATA.id)
                .putShort((short) 1)
                .putInt(correlationId)
                .putShort((short) clientIdBytes);
        return frame.position(14 + clientIdBytes).putInt(0).flip();
    }

    private static ByteBuffer apiVersions(int correlationId) {
        return ByteBuffer.allocate(14)
                .putInt(10)
                .putShort(ApiKeys.API_VERSIONS.id)
                .putShort((short) 0)
                .putInt(correlationId)
                .putShort((short) -1)
                .flip();
    }

    private List<Integer> answered() {
        channel.runPendingTasks();
        List<Integer> correlationIds = new ArrayList<>();
        for (ByteBuf sent = channel.readOutbound(); sent != null; sent = channel.readOutbound()) {
            assertEquals(sent.readableBytes() - 4, sent.getInt(sent.readerIndex()));
            correlationIds.add(sent.getInt(sent.readerIndex() + 4));
            sent.release();
        }
        return correlationIds;
    }

    private void answer(int index) {
        pending.calls.get(index).reply(new MetadataResponseData());
        channel.runPendingTasks();
    }

    @Test
    void answersComeInTheOrderOfRequests() {
        receive(channel, metadata(1, 0), apiVersions(2), metadata(3, 0));
        assertEquals(List.of(), answered());
        answer(1);
        assertEquals(List.of(), answered());
        answer(0);
        assertEquals(List.of(1, 2, 3), answered());
    }

    @Test
    void aRequestWithoutAnAnswerDoesNotHoldOthersBack() {
        receive(channel, metadata(1, 0), apiVersions(2));
        pending.calls.get(0).replyNothing();
        assertEquals(List.of(2), answered());
    }

    @Test
    void aSecondAnswerIsNotSent() {
        receive(channel, metadata(1, 0));
        answer(0);
        answer(0);
        assertEquals(List.of(1), answered());
    }

    @Test
    void tooManyBytesInWorkStopTheReading() {
        receive(channel, metadata(1, 900), metadata(2, 100), metadata(3, 0));
        assertEquals(2, pending.calls.size());
        assertFalse(channel.config().isAutoRead());
        answer(0);
        assertTrue(channel.config().isAutoRead());
        assertEquals(3, pending.calls.size());
        answer(1);
        answer(2);
        assertEquals(List.of(1, 2, 3), answered());
    }

    @Test
    void tooManyRequestsInWorkStopTheReading() {
        ByteBuffer[] frames = new ByteBuffer[REQUESTS_MAX + 3];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = metadata(i, 0);
        }
        receive(channel, frames);
        assertEquals(REQUESTS_MAX, pending.calls.size());
        assertFalse(channel.config().isAutoRead());
        for (int i = 0; i < frames.length; i++) {
            answer(i);
        }
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7), answered());
        assertTrue(channel.config().isAutoRead());
    }

    /** Answers after it must be flushed too; a lost flush could leave a full connection unread for good. */
    @Test
    void aPushThatFillsTheBufferLeavesAlsoAfterTheConnectionWasHeldBack() {
        ByteBuffer[] frames = new ByteBuffer[REQUESTS_MAX + 1];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = metadata(i, 0);
        }
        receive(channel, frames);
        answer(0);
        answer(1);
        assertEquals(frames.length, pending.calls.size(), "the last one was decoded when the hold ended");
        assertEquals(List.of(0, 1), answered());
        Connection connection = channel.pipeline().get(Connection.class);
        int bytes = channel.config().getWriteBufferHighWaterMark() + 1;

        channel.eventLoop().execute(() -> connection.send(new Zeros(bytes)));

        assertEquals(List.of(0), answered());
        assertTrue(connection.writable());
        assertTrue(channel.config().isAutoRead());
        for (int i = 2; i < frames.length; i++) {
            answer(i);
        }
        assertEquals(List.of(2, 3, 4, 5), answered());
    }

    @Test
    void whatAllConnectionsHaveInWorkStopsEachAndResumesEach() {
        EmbeddedChannel second = connect();
        receive(channel, metadata(1, 900));
        receive(second, metadata(2, 900));
        assertFalse(second.config().isAutoRead());
        receive(channel, metadata(3, 0));
        assertFalse(channel.config().isAutoRead());
        pending.calls.get(1).reply(new MetadataResponseData());
        second.runPendingTasks();
        channel.runPendingTasks();
        assertTrue(second.config().isAutoRead());
        assertTrue(channel.config().isAutoRead());
        second.finishAndReleaseAll();
        answer(0);
        pending.calls.subList(2, pending.calls.size()).forEach(call -> call.reply(new MetadataResponseData()));
        assertEquals(List.of(1, 3), answered());
    }

    @Test
    void aConnectionThatEndsWithWorkGivesItsBytesBackWhenTheWorkEnds() {
        receive(channel, metadata(1, 500), apiVersions(2));
        channel.close();
        assertTrue(budget.bytes() > 0, "the handler still reads them");
        answer(0);
        assertEquals(0, budget.bytes());
        assertNull(channel.readOutbound());
    }

    @Test
    void halfAFrameIsReleasedWithTheConnection() {
        ByteBuffer frame = metadata(1, 500);
        receive(channel, frame.limit(100));
        assertEquals(0, pending.calls.size());
        channel.close();
    }

    @Test
    void halfFramesCountAndMayNotTakeTheRoomOfWholeOnes() {
        EmbeddedChannel second = connect();
        EmbeddedChannel third = connect();
        receive(channel, metadata(1, 900).limit(500));
        receive(second, metadata(2, 900).limit(500));
        assertEquals(1000, budget.bytes());
        assertTrue(channel.config().isAutoRead(), "the oldest may go on");
        assertFalse(second.config().isAutoRead());
        receive(third, metadata(3, 100));
        assertTrue(third.config().isAutoRead(), "whole frames are served");
        assertEquals(1, pending.calls.size());
        pending.calls.remove(0).reply(new MetadataResponseData());
        third.runPendingTasks();

        receive(channel, metadata(1, 900).position(500));
        second.runPendingTasks();
        assertTrue(second.config().isAutoRead());
        receive(second, metadata(2, 900).position(500));
        assertEquals(2, pending.calls.size());
        pending.calls.forEach(call -> call.reply(new MetadataResponseData()));
        second.finishAndReleaseAll();
        third.finishAndReleaseAll();
    }

    @Test
    void whoNeverEndsItsFrameIsClosedWhenOthersWaitForTheRoom() {
        EmbeddedChannel second = connect();
        channel.freezeTime();
        second.freezeTime();
        receive(channel, metadata(1, 900).limit(500));
        channel.advanceTimeBy(PART_MILLIS, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        assertTrue(channel.isOpen(), "it is in nobody's way");
        receive(second, metadata(2, 900).limit(500));
        second.advanceTimeBy(PART_MILLIS, TimeUnit.MILLISECONDS);
        second.runScheduledPendingTasks();
        assertTrue(second.isOpen(), "it is not allowed to go on");

        channel.advanceTimeBy(PART_MILLIS, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        second.runPendingTasks();

        assertFalse(channel.isOpen());
        assertTrue(second.config().isAutoRead());
        assertEquals(500, budget.bytes());
        receive(second, metadata(2, 900).position(500));
        pending.calls.get(0).reply(new MetadataResponseData());
        second.finishAndReleaseAll();
    }

    @Test
    void eachFrameOfABusyClientHasItsOwnTime() {
        channel.freezeTime();
        receive(channel, metadata(1, 900).limit(500));
        channel.advanceTimeBy(PART_MILLIS - 1, TimeUnit.MILLISECONDS);
        receive(channel, metadata(1, 900).position(500), metadata(2, 900).limit(800));
        pending.calls.remove(0).reply(new MetadataResponseData());
        assertTrue(budget.partsSpent());

        channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();

        assertTrue(channel.isOpen(), "it has ended its first frame in time");
    }

    @Test
    void theNextFrameOfABusyClientIsYoungerThanThoseWhoWait() {
        EmbeddedChannel second = connect();
        receive(channel, metadata(1, 900).limit(500));
        receive(second, metadata(9, 900).limit(400));
        assertFalse(second.config().isAutoRead());

        receive(channel, metadata(1, 900).position(500), metadata(2, 900).limit(600));
        pending.calls.remove(0).reply(new MetadataResponseData());
        second.runPendingTasks();

        assertTrue(second.config().isAutoRead(), "its part is the oldest now");
        assertFalse(channel.config().isAutoRead());
        second.finishAndReleaseAll();
    }

    @Test
    void whoDoesNotReadKeepsNoRoomForItsHalfFrameEither() {
        EmbeddedChannel second = connect();
        channel.freezeTime();
        receive(channel, metadata(1, 900).limit(500));
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        channel.runPendingTasks();
        receive(second, metadata(2, 900).limit(500));
        assertFalse(channel.config().isAutoRead());
        assertFalse(second.config().isAutoRead());

        channel.advanceTimeBy(PART_MILLIS, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        second.runPendingTasks();

        assertFalse(channel.isOpen());
        assertTrue(second.config().isAutoRead());
        second.finishAndReleaseAll();
    }

    @Test
    void nothingAfterABadFrameIsServed() {
        receive(channel, apiVersions(1), ByteBuffer.allocate(4).putInt(0, -1), metadata(2, 0));
        assertFalse(channel.isOpen());
        assertEquals(0, pending.calls.size());
        assertEquals(List.of(1), answered());
    }

    @Test
    void aLongFrameIsNotAllocatedFromItsClaim() {
        receive(channel, ByteBuffer.allocate(4).putInt(0, FRAME_BYTES_MAX));
        assertTrue(channel.isOpen());
        receive(channel, ByteBuffer.allocate(4));
        channel.close();
    }

    @Test
    void aPushThatCannotBeWrittenClosesTheConnection() {
        TooLarge push = new TooLarge();
        channel.pipeline().get(Connection.class).send(push);
        channel.runPendingTasks();
        assertFalse(channel.isOpen());
        assertTrue(push.released);
    }
}
