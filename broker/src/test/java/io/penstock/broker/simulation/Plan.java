package io.penstock.broker.simulation;

import io.penstock.broker.replication.OldBug;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a world is like.
 *
 * @param seconds of the safety phase
 * @param forcedBeforeReply the flush policy: whether a power cut takes nothing away that was acknowledged
 * @param paceMillis mean time between two faults
 */
record Plan(int brokers, int seconds, boolean forcedBeforeReply, Set<Fault> faults, int paceMillis, OldBug bug) {

    /** What a seed alone decides. */
    static Plan of(long seed) {
        boolean forced = seed % 3 == 0;
        EnumSet<Fault> faults = EnumSet.allOf(Fault.class);
        return new Plan(seed % 5 == 0 ? 5 : 3, seed % 10 == 0 ? 10 : 3, forced, faults, 250, OldBug.NONE);
    }
}
