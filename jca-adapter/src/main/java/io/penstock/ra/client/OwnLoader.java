package io.penstock.ra.client;

import io.penstock.jms.session.JmsExceptions.Call;
import jakarta.jms.JMSException;

/**
 * Makes what outlives an application with the adapter's class loader as the thread's: connections and sessions remember the
 * class loader that they were made with, and those in a pool must not keep an application that was undeployed. Stateless.
 */
public final class OwnLoader {

    private OwnLoader() {}

    public static <T> T with(Call<T> making) throws JMSException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(OwnLoader.class.getClassLoader());
        try {
            return making.run();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** For what a container remembers the submitting thread's class loader of: work. */
    public static void run(Runnable task) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(OwnLoader.class.getClassLoader());
        try {
            task.run();
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
