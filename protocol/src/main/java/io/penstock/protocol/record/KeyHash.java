package io.penstock.protocol.record;

/** The partition of a key as Kafka's default partitioner chooses it: 32 bit murmur2, seed 0x9747b28c, made positive. */
public final class KeyHash {
    private static final int SEED = 0x9747_b28c;
    private static final int M = 0x5bd1_e995;

    private KeyHash() {}

    /** @param partitions at least 1 */
    public static int partition(byte[] key, int partitions) {
        return (murmur2(key) & 0x7fff_ffff) % partitions;
    }

    public static int murmur2(byte[] key) {
        int length = key.length;
        int h = SEED ^ length;
        int i = 0;
        for (; i + 4 <= length; i += 4) {
            int k = (key[i] & 0xff) | (key[i + 1] & 0xff) << 8 | (key[i + 2] & 0xff) << 16 | key[i + 3] << 24;
            k *= M;
            k ^= k >>> 24;
            h = h * M ^ k * M;
        }
        if (i < length) {
            int tail = 0;
            for (int j = length - 1; j >= i; j--) {
                tail = tail << 8 | (key[j] & 0xff);
            }
            h = (h ^ tail) * M;
        }
        h = (h ^ h >>> 13) * M;
        return h ^ h >>> 15;
    }
}
