package io.penstock.broker.simulation;

import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedTime;

/** What outlives a broker's process: disk, clock, the boot record (as {@code BootRecord} keeps it), the resume key. */
final class SimulatedMachine {
    final SimulatedDisk disk;
    final SkewedClock clock;
    private final int id;
    /** An old bug: it never says that anything may be lost. */
    private final boolean claimsClean;
    /** A life has registered since the machine was last started. */
    private boolean bootRecorded;

    /** A life began with a possible loss, and has told nobody. */
    private boolean untold;

    SimulatedMachine(int id, long seed, SimulatedTime time, boolean claimsClean) {
        this.id = id;
        this.claimsClean = claimsClean;
        this.disk = new SimulatedDisk(seed * 31 + id);
        this.clock = new SkewedClock(time, id * 1_000_000_000_000L);
    }

    byte[] resumeKey() {
        byte[] key = new byte[32];
        key[0] = (byte) id;
        return key;
    }

    boolean beginsClean(boolean closedCleanly) {
        boolean clean = claimsClean || !untold && (closedCleanly || bootRecorded);
        untold = !clean;
        return clean;
    }

    void registered() {
        untold = false;
        bootRecorded = true;
    }

    void powerCut() {
        bootRecorded = false;
        disk.powerCut();
    }
}
