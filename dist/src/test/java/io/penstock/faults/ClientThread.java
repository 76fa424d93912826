package io.penstock.faults;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A thread that does a client's work again and again, each time with new connections, until it is over. An exception that the
 * client's interface names is what faults may cause; any other one is told to the course.
 */
final class ClientThread {
    private static final long AGAIN_MILLIS = 50;
    /** Longer than any call waits for an answer. */
    private static final long JOIN_MILLIS = 120_000;

    private final Thread thread;

    /** One life of a client. */
    interface Work {
        /** @throws Exception as the client's interface does */
        void run() throws Exception;
    }

    /** @param expected what the client's interface throws when it cannot go on */
    static ClientThread start(
            String name, Course course, BooleanSupplier goesOn, Class<? extends Exception> expected, Work work) {
        return new ClientThread(name, course, goesOn, expected, work);
    }

    private ClientThread(
            String name, Course course, BooleanSupplier goesOn, Class<? extends Exception> expected, Work work) {
        thread = new Thread(
                () -> {
                    while (goesOn.getAsBoolean()) {
                        try {
                            work.run();
                        } catch (InterruptedException e) {
                            return;
                        } catch (Exception e) {
                            if (!expected.isInstance(e)) {
                                course.trouble(name + ": " + describe(e));
                            }
                            System.out.println(name + " begins anew: " + e);
                            pause(AGAIN_MILLIS);
                        }
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    private static String describe(Exception e) {
        java.io.StringWriter text = new java.io.StringWriter();
        e.printStackTrace(new java.io.PrintWriter(text));
        return text.toString();
    }

    /** So that the load is steady, and the machine has time for the rest. */
    static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void join() throws InterruptedException {
        thread.join(JOIN_MILLIS);
        if (thread.isAlive()) {
            StringBuilder where = new StringBuilder();
            for (StackTraceElement each : thread.getStackTrace()) {
                where.append("\n  at ").append(each);
            }
            throw new AssertionError(thread.getName() + " does not end:" + where);
        }
    }
}
