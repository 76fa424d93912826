package io.penstock.jms.session;

import io.penstock.jms.thread.LibraryThread;

/**
 * The class loader of the application that made an object, for its listeners and callbacks on this library's threads, which
 * have the library's. Immutable; any thread.
 */
final class ApplicationLoader {
    private final ClassLoader loader = Thread.currentThread().getContextClassLoader();

    /** Runs a callback; on a thread that is not this library's, with the class loader that the thread has. */
    void run(Runnable callback) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        if (before != LibraryThread.class.getClassLoader() || before == loader) {
            callback.run();
            return;
        }
        thread.setContextClassLoader(loader);
        try {
            callback.run();
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
