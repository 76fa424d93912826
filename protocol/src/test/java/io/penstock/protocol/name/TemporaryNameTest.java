package io.penstock.protocol.name;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TemporaryNameTest {

    @Test
    void textAndBack() {
        for (long unique : new long[] {0, 1, 35, 36, Long.MAX_VALUE}) {
            TemporaryName name = new TemporaryName(12, unique);
            assertEquals(name, TemporaryName.parse(name.text()));
            assertTrue(TemporaryName.isTemporary(name.text()));
            assertTrue(DestinationName.isReserved(name.text()));
            DestinationName.checkTopic(name.text());
        }
        for (String wrong : new String[] {
            "__tmp.", "__tmp.1", "__tmp.1.", "__tmp.-1.a", "__tmp.1.-a", "__tmp.01.a", "__tmp.1.A", "__tmp.1.a.b", "q"
        }) {
            assertThrows(InvalidNameException.class, () -> TemporaryName.parse(wrong), wrong);
        }
    }

    @Test
    void idsFollowFromNamesAndAreNobodyElses() {
        Random random = new Random(17);
        Set<UUID> seen = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            long unique = i < 64 ? 1L << i >>> 1 : random.nextLong() & Long.MAX_VALUE;
            TemporaryName name = new TemporaryName(i % 3, unique);
            UUID id = name.topicId();
            assertTrue(TemporaryName.isTemporary(id));
            assertEquals(2, id.variant());
            assertEquals(id, TemporaryName.parse(name.text()).topicId());
            assertTrue(seen.add(id) || i < 64);
            assertFalse(TemporaryName.isTemporary(UUID.randomUUID()));
        }
        assertTrue(new TemporaryName(1, 0).topicId().equals(new TemporaryName(1, 0).topicId()));
        assertFalse(new TemporaryName(1, 4).topicId().equals(new TemporaryName(1, 5).topicId()));
    }
}
