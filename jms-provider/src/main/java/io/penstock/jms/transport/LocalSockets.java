package io.penstock.jms.transport;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The socket files of brokers of this host, by the host and port that they were found behind: later connections go straight
 * there. Shared by all connections of a class loader; any thread.
 */
public final class LocalSockets {
    private static final int BROKERS_MAX = 100;

    private final Map<String, Path> files = new LinkedHashMap<>();

    /** Null when none is known. */
    public synchronized Path of(String host, int port) {
        return files.get(host + ":" + port);
    }

    public synchronized void found(String host, int port, Path file) {
        files.put(host + ":" + port, file);
        if (files.size() > BROKERS_MAX) {
            files.remove(files.keySet().iterator().next()); // It costs a question more.
        }
    }

    /** Nobody answers there. What another thread has found meanwhile stays. */
    public synchronized void gone(String host, int port, Path file) {
        files.remove(host + ":" + port, file);
    }
}
