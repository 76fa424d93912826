package io.penstock.protocol.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
class PrivateMessageTest {

    static List<MessageSamples.Sample> samples() {
        return MessageSamples.all();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void readGivesWhatWasWritten(MessageSamples.Sample sample) {
        // Given
        ByteBuffer frame = MessageSamples.written(sample.message());
        // When
        PrivateMessage read = sample.reader().read(frame, (short) 0);
        // Then
        assertEquals(sample.message(), read);
        assertEquals(sample.message().sizeBytes(), frame.limit());
        assertFalse(frame.hasRemaining());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void cutOffMessagesAreMalformed(MessageSamples.Sample sample) {
        ByteBuffer frame = MessageSamples.written(sample.message());
        for (int length = 0; length < frame.limit(); length++) {
            ByteBuffer cut = frame.slice(0, length);
            assertThrows(MalformedMessageException.class, () -> sample.reader().read(cut, (short) 0));
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void bytesAfterTheMessageAreMalformed(MessageSamples.Sample sample) {
        if (sample.toString().endsWith("Header")) {
            return; // A body follows.
        }
        ByteBuffer frame = ByteBuffer.allocate(sample.message().sizeBytes() + 1);
        sample.message().writeTo(frame);
        frame.position(0);
        assertThrows(MalformedMessageException.class, () -> sample.reader().read(frame, (short) 0));
    }

    @Test
    void everyRequestResponseAndPushHasASample() {
        // Given
        String folder = "target/classes/io/penstock/protocol/message";
        Set<String> classes = Arrays.stream(new File(folder).list())
                .map(file -> file.replace(".class", ""))
                .filter(name -> name.matches(".*(Request|Response|Push|Header)"))
                .collect(Collectors.toCollection(TreeSet::new));
        // When
        Set<String> sampled = samples().stream().map(Object::toString).collect(Collectors.toCollection(TreeSet::new));
        // Then
        assertEquals(classes, sampled);
    }

    @Test
    void batchesAreSlicesOfTheFrame() {
        // Given
        ByteBuffer batch = ByteBuffer.wrap(new byte[] {1, 2, 3});
        ByteBuffer frame =
                MessageSamples.written(new DeliverPush(1, 2, 10, List.of(new AcquiredRange(0, 0, 1)), batch));
        // When
        DeliverPush read = DeliverPush.read(frame, (short) 0);
        frame.put(frame.limit() - 1, (byte) 9);
        // Then
        assertEquals(9, read.batches().get(2));
        assertEquals(3, batch.remaining(), "the writer leaves the buffer as it was");
    }

    @Test
    void prefixOfADeliverPushIsItsBeginning() {
        // Given
        List<AcquiredRange> acquired = List.of(new AcquiredRange(5, 6, 3));
        ByteBuffer batches = ByteBuffer.wrap(new byte[] {1, 2, 3});
        ByteBuffer dst = ByteBuffer.allocate(DeliverPush.sizeBytes(1, 3));
        // When
        DeliverPush.writePrefix(dst, 1, 2, 10, acquired, 3);
        dst.put(batches.duplicate());
        // Then
        assertFalse(dst.hasRemaining());
        assertEquals(new DeliverPush(1, 2, 10, acquired, batches), DeliverPush.read(dst.flip(), (short) 0));
    }

    @Test
    void pushesAreToldFromResponsesByTheirFirstBytes() {
        assertTrue(PushHeader.isPush(MessageSamples.written(new PushHeader(PushKind.DRAINED, (short) 0))));
        assertFalse(PushHeader.isPush(MessageSamples.written(PrivateResponseHeader.success(0))));
        assertFalse(PushHeader.isPush(ByteBuffer.allocate(3)));
    }

    @Test
    void versionsThatDoNotExistAreRefused() {
        ByteBuffer frame = MessageSamples.written(new PingRequest());
        assertThrows(MalformedMessageException.class, () -> PingRequest.read(frame, (short) 1));
    }

    @Test
    void secretsStayOutOfText() {
        assertFalse(new OpenConnectionRequest("c", "u", "secret").toString().contains("secret"));
        assertFalse(new AuthenticateRequest("PLAIN", ByteBuffer.wrap("secret".getBytes(StandardCharsets.UTF_8)))
                .toString()
                .contains("secret"));
        assertFalse(new OpenConnectionResponse(1, "secret", 1, 1, 1, 1, 1)
                .toString()
                .contains("secret"));
    }

    @Test
    void rangesThatRunBackwardsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new OffsetRange(5, 4));
        assertThrows(IllegalArgumentException.class, () -> new OffsetRange(-1, 4));
        assertThrows(IllegalArgumentException.class, () -> new AcquiredRange(5, 4, 1));
        assertEquals(1, new OffsetRange(5, 5).count());
    }

    @Test
    void utf8LengthIsThatOfTheEncoder() {
        for (String text : List.of(
                "", "abc", "\u00e4\u07ff", "\u0800\uffff", "\ud83d\ude00", "\ud83d", "\ude00x", "\ud83d\ud83d\ude00")) {
            assertEquals(
                    text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length, FieldWriter.utf8Bytes(text), text);
        }
    }

    @Test
    void aLongErrorTextIsShortened() {
        PrivateResponseHeader header = new PrivateResponseHeader(1, PenstockError.INTERNAL, "x".repeat(100_000));
        assertTrue(PrivateResponseHeader.read(MessageSamples.written(header))
                        .message()
                        .length()
                < 2000);
    }
}
