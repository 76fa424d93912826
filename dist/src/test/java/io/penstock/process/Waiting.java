package io.penstock.process;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waits for conditions. Any thread. */
public final class Waiting {
    private static final int LOOK_AGAIN_MILLIS = 20;

    private Waiting() {}

    /**
     * Until the condition holds; what it throws counts as "not yet".
     *
     * @throws AssertionError when it does not within the time
     */
    public static void until(String what, long seconds, Callable<Boolean> condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        Exception last = null;
        while (System.nanoTime() - end < 0) {
            try {
                if (condition.call()) {
                    return;
                }
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                last = e;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
        }
        throw new AssertionError("not within " + seconds + " s: " + what, last);
    }
}
