package io.penstock.arquillian;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waits for conditions, not for time. */
final class Await {
    private static final int SECONDS_MAX = 180;

    private Await() {}

    static void until(String what, Callable<Boolean> condition) {
        until(what, SECONDS_MAX, condition);
    }

    static void until(String what, int secondsMax, Callable<Boolean> condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(secondsMax);
        try {
            while (!condition.call()) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("not within " + secondsMax + " s: " + what);
                }
                Thread.sleep(50);
            }
        } catch (Exception e) {
            throw new AssertionError(what, e);
        }
    }
}
