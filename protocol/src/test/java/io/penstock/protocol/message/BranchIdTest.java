package io.penstock.protocol.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 10, unit = TimeUnit.SECONDS)
class BranchIdTest {
    private static final BranchId BRANCH = new BranchId(-7, new byte[] {0, -1, 42}, new byte[] {});

    @Test
    void textNamesTheBranchAndIsReadAgain() {
        assertEquals("-7:00ff2a:", BRANCH.toString());
        assertEquals(BRANCH, BranchId.parse(BRANCH.toString()));
        assertEquals(BRANCH.hashCode(), BranchId.parse("-7:00ff2a:").hashCode());
        assertNotEquals(BRANCH, BranchId.parse("-7:00ff2a:00"));
    }

    @Test
    void whatIsNoBranchIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new BranchId(-1, new byte[1], new byte[1]));
        assertThrows(IllegalArgumentException.class, () -> new BranchId(1, new byte[0], new byte[1]));
        assertThrows(IllegalArgumentException.class, () -> new BranchId(1, new byte[65], new byte[1]));
        assertThrows(IllegalArgumentException.class, () -> new BranchId(1, new byte[1], new byte[65]));
        for (String text : new String[] {"", "1:aa", "x:aa:bb", "1:a:bb", "1::bb", "1:aa:bb:cc"}) {
            assertThrows(IllegalArgumentException.class, () -> BranchId.parse(text), text);
        }
    }

    @Test
    void aLengthBeyondTheBufferIsMalformed() {
        ByteBuffer cut =
                ByteBuffer.allocate(6).putInt(1).put((byte) 64).put((byte) 0).flip();
        assertThrows(MalformedMessageException.class, () -> BranchId.readFrom(cut));
        ByteBuffer negative =
                ByteBuffer.allocate(6).putInt(1).put((byte) -1).put((byte) 0).flip();
        assertThrows(MalformedMessageException.class, () -> BranchId.readFrom(negative));
    }
}
