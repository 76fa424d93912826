package io.penstock.storage.simulation;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A file's content as the page cache has it, and the old content of every sector that was changed since the last
 * force.
 */
final class FileNode {
    static final int SECTOR_BYTES = 512;

    private byte[] bytes = new byte[0];
    private int size;
    private int durableSize;
    /** Sector to its durable content, for sectors that differ from it. */
    private final Map<Integer, byte[]> durableSectors = new HashMap<>();
    /** As above, for sectors that a failed force has dropped: the cache has them as clean, and no force writes them. */
    private final Map<Integer, byte[]> droppedSectors = new HashMap<>();

    int size() {
        return size;
    }

    int read(byte[] dst, int dstAt, int length, long position) {
        if (position >= size) {
            return -1;
        }
        int count = (int) Math.min(length, size - position);
        System.arraycopy(bytes, (int) position, dst, dstAt, count);
        return count;
    }

    void write(byte[] src, int srcAt, int length, long position) {
        int at = Math.toIntExact(position);
        remember(at, at + length);
        grow(at + length);
        System.arraycopy(src, srcAt, bytes, at, length);
        size = Math.max(size, at + length);
    }

    private void grow(int to) {
        if (to > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(to, Math.max(4096, bytes.length + bytes.length / 2)));
        }
    }

    private void remember(int from, int to) {
        for (int sector = from / SECTOR_BYTES; sector * SECTOR_BYTES < to; sector++) {
            byte[] dropped = droppedSectors.remove(sector);
            if (dropped != null) {
                // Written again, and so dirty again.
                durableSectors.put(sector, dropped);
            } else if (!durableSectors.containsKey(sector)) {
                int at = sector * SECTOR_BYTES;
                int until = Math.min(at + SECTOR_BYTES, bytes.length);
                durableSectors.put(
                        sector,
                        until <= at
                                ? new byte[SECTOR_BYTES]
                                : Arrays.copyOf(Arrays.copyOfRange(bytes, at, until), SECTOR_BYTES));
            }
        }
    }

    void truncate(long newSize) {
        if (newSize < size) {
            remember((int) newSize, size);
            Arrays.fill(bytes, (int) newSize, size, (byte) 0);
            size = (int) newSize;
        }
    }

    void force() {
        durableSectors.clear();
        durableSize = size;
    }

    /** The kernel gives up what it could not write, says so once, and holds it as clean from then on. */
    void forceFailed() {
        droppedSectors.putAll(durableSectors);
        durableSectors.clear();
    }

    boolean isDirty() {
        return !durableSectors.isEmpty() || !droppedSectors.isEmpty() || size != durableSize;
    }

    /** Loses a random part of what was not forced: whole sectors, or everything after some sector. */
    void powerCut(SeededRandom random) {
        if (!isDirty()) {
            return;
        }
        int cachedSize = size;
        int mode = random.nextInt(4);
        int limit = random.nextInt(1 + Math.max(1, cachedSize / SECTOR_BYTES + 1));
        // In the order of sectors, so that a seed gives the same result whatever the map's order is.
        durableSectors.keySet().stream().sorted().forEach(sector -> {
            boolean keep =
                    switch (mode) {
                        case 0 -> false;
                        case 1 -> sector < limit;
                        default -> random.nextBoolean();
                    };
            if (!keep) {
                restore(sector, durableSectors.get(sector));
            }
        });
        droppedSectors.keySet().stream().sorted().forEach(sector -> restore(sector, droppedSectors.get(sector)));
        droppedSectors.clear();
        size = mode == 0 ? durableSize : sizeAfterCut(random, cachedSize);
        if (size < bytes.length) {
            Arrays.fill(bytes, size, bytes.length, (byte) 0);
        }
        grow(size);
        durableSectors.clear();
        durableSize = size;
    }

    private int sizeAfterCut(SeededRandom random, int cachedSize) {
        int low = Math.min(durableSize, cachedSize);
        int high = Math.max(durableSize, cachedSize);
        return switch (random.nextInt(3)) {
            case 0 -> durableSize;
            case 1 -> cachedSize;
            default -> low + random.nextInt(high - low + 1);
        };
    }

    private void restore(int sector, byte[] old) {
        int at = sector * SECTOR_BYTES;
        grow(at + SECTOR_BYTES);
        System.arraycopy(old, 0, bytes, at, SECTOR_BYTES);
    }

    /** Changes one bit, as rot on the medium does. */
    void flipBit(long position, int bit) {
        bytes[Math.toIntExact(position)] ^= (byte) (1 << bit);
    }
}
