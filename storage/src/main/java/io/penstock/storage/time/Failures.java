package io.penstock.storage.time;

/**
 * For calls to several who must all be called although one of them fails with what nobody expected: the first failure
 * is kept until the last was called, and thrown then. Callers catch {@link RuntimeException}, {@link VirtualMachineError}
 * and {@link AssertionError}; what else there is of errors ends the thread's work at once.
 */
public final class Failures {
    private Failures() {}

    /** @param first null before the first */
    public static Throwable first(Throwable first, Throwable next) {
        if (first == null) {
            return next;
        }
        if (first != next) {
            first.addSuppressed(next);
        }
        return first;
    }

    /** @param first null when there was none: then nothing happens */
    public static void rethrow(Throwable first) {
        if (first instanceof Error error) {
            throw error;
        }
        if (first != null) {
            throw (RuntimeException) first;
        }
    }
}
