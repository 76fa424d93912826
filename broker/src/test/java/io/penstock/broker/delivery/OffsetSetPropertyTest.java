package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Against a set of boxed offsets. */
class OffsetSetPropertyTest {

    @Property(tries = 150)
    void isASet(@ForAll long seed) throws LedgerCorruptException {
        Random random = new Random(seed);
        OffsetSet set = new OffsetSet();
        TreeSet<Long> model = new TreeSet<>();
        long base = random.nextBoolean() ? 0 : random.nextInt(100_000);
        for (int step = 0; step < 60; step++) {
            long first = base + random.nextInt(5 * OffsetSet.CHUNK);
            long last = first + (random.nextInt(4) == 0 ? random.nextInt(3 * OffsetSet.CHUNK) : random.nextInt(200));
            if (random.nextInt(3) > 0) {
                set.add(first, last);
                for (long offset = first; offset <= last; offset++) {
                    model.add(offset);
                }
            } else {
                long removed = set.remove(first, last);
                assertEquals(model.subSet(first, last + 1).size(), removed);
                model.subSet(first, last + 1).clear();
            }
            check(set, model, base + random.nextInt(9 * OffsetSet.CHUNK));
        }
        EntryBuffer out = new EntryBuffer(64);
        set.writeTo(out);
        OffsetSet read = OffsetSet.read(EntryBuffer.reading(out.written()), base + 20 * OffsetSet.CHUNK);
        assertEquals(set.count(), read.count());
        assertEquals(
                set.ranges(0, Long.MAX_VALUE - 1, Integer.MAX_VALUE),
                read.ranges(0, Long.MAX_VALUE - 1, Integer.MAX_VALUE));
    }

    private static void check(OffsetSet set, TreeSet<Long> model, long offset) {
        assertEquals(model.size(), set.count());
        assertEquals(model.contains(offset), set.contains(offset));
        Long next = model.ceiling(offset);
        assertEquals(next == null ? Long.MAX_VALUE : next, set.next(offset));
        assertEquals(model.isEmpty() ? Long.MAX_VALUE : model.first(), set.next(0));
        if (next != null) {
            long end = set.runEnd(next);
            assertTrue(end >= next);
            for (long each = next; each <= end; each++) {
                assertTrue(model.contains(each));
            }
        }
    }

    @Example
    void backlogWithoutHolesCostsNoBitmaps() {
        OffsetSet set = new OffsetSet();
        for (long offset = 5; offset < 1_000_005; offset += 10) {
            set.add(offset, offset + 9);
        }
        assertEquals(1_000_000, set.count());
        assertEquals(2, set.bitmaps());
    }
}
