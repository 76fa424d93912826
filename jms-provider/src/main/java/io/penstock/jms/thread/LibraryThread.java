package io.penstock.jms.thread;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.function.Supplier;

/**
 * Threads that outlive the call that made them, and so must not hold what belongs to the caller: in an application server
 * that would be a class loader of an application that was undeployed. A new thread takes over its maker's context class
 * loader, inheritable thread locals and protection domains; these do not.
 */
public final class LibraryThread {

    private LibraryThread() {}

    /** A daemon with this library's class loader. */
    public static Thread daemon(Runnable task, String name) {
        return clean(() -> {
            Thread thread = new Thread(null, task, name, 0, false);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The thread that is made, with this library's class loader and without the protection domains of the caller. */
    @SuppressWarnings("removal") // As long as threads inherit protection domains.
    public static Thread clean(Supplier<Thread> making) {
        Thread thread = AccessController.doPrivileged((PrivilegedAction<Thread>) making::get);
        thread.setContextClassLoader(LibraryThread.class.getClassLoader());
        return thread;
    }
}
