package io.penstock.storage.simulation;

import java.util.random.RandomGenerator;

/** SplitMix64: the same numbers from the same seed on every machine. */
public final class SeededRandom implements RandomGenerator {
    private long state;

    public SeededRandom(long seed) {
        // Neighbouring seeds shall not give neighbouring first numbers.
        state = seed * 0x9E3779B97F4A7C15L + 0x1234_5678_9ABC_DEF1L;
        nextLong();
    }

    @Override
    public long nextLong() {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** True in {@code percent} of 100 draws. */
    public boolean percent(int percent) {
        return nextInt(100) < percent;
    }
}
