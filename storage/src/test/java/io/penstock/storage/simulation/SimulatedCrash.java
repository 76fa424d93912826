package io.penstock.storage.simulation;

/** The process died in the middle of a disk call. Nothing but the test may catch it. */
public final class SimulatedCrash extends Error {
    private static final long serialVersionUID = 1L;

    public SimulatedCrash(String message) {
        super(message);
    }
}
