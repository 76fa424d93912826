package io.penstock.protocol.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** Whatever a peer sends, reading ends in a message or in {@link MalformedMessageException}, within bounded memory. */
class HostileMessagePropertyTest {
    private static final List<MessageSamples.Sample> SAMPLES = MessageSamples.all();

    @Property(tries = 300)
    void randomBytesAreReadOrMalformed(@ForAll @Size(max = 300) byte[] bytes) {
        for (MessageSamples.Sample sample : SAMPLES) {
            readOrMalformed(sample, ByteBuffer.wrap(bytes));
        }
    }

    @Property(tries = 300)
    void changedMessagesAreReadOrMalformed(@ForAll long seed) {
        Random random = new Random(seed);
        for (MessageSamples.Sample sample : SAMPLES) {
            ByteBuffer frame = MessageSamples.written(sample.message());
            for (int i = 0; i < 3 && frame.hasRemaining(); i++) {
                frame.put(random.nextInt(frame.limit()), (byte) random.nextInt());
            }
            readOrMalformed(sample, frame);
        }
    }

    @Property(tries = 100)
    void aClaimedLengthAllocatesNothing(@ForAll int claimed) {
        // Given
        int hostile = claimed | 0x4000_0000;
        ByteBuffer frame =
                ByteBuffer.allocate(200).putInt(1).putLong(1).putInt(hostile).position(0);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        // When
        assertThrows(MalformedMessageException.class, () -> CommitRequest.read(frame, (short) 0));
        // Then
        assertTrue(threads.getCurrentThreadAllocatedBytes() - before < 1 << 16);
    }

    private static void readOrMalformed(MessageSamples.Sample sample, ByteBuffer frame) {
        PrivateMessage message;
        try {
            message = sample.reader().read(frame.duplicate(), (short) 0);
        } catch (MalformedMessageException malformed) {
            return;
        }
        assertEquals(message, sample.reader().read(MessageSamples.written(message), (short) 0));
    }
}
