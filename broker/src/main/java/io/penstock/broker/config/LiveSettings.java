package io.penstock.broker.config;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The settings of destinations as they are now, looked up once for each destination and change. Any thread. */
public final class LiveSettings {
    private static final int KNOWN_MAX = 20_000;

    private final Supplier<Map<String, String>> kept;
    private volatile Read read;

    private record Read(Map<String, String> from, SettingsTree tree, Map<String, DestinationSettings> known) {
        Read(Map<String, String> from) {
            this(from, SettingsTree.of(from), new ConcurrentHashMap<>());
        }
    }

    /** @param kept the newest entries of {@link SettingsTree}; the same map while nothing changes */
    public LiveSettings(Supplier<Map<String, String>> kept) {
        this.kept = kept;
        this.read = new Read(kept.get());
    }

    public DestinationSettings of(String destination) {
        Read now = now();
        DestinationSettings known = now.known.get(destination);
        if (known == null) {
            known = now.tree.of(destination);
            if (now.known.size() >= KNOWN_MAX) {
                now.known.clear();
            }
            now.known.put(destination, known);
        }
        return known;
    }

    public SettingsTree tree() {
        return now().tree;
    }

    private Read now() {
        Read now = read;
        Map<String, String> newest = kept.get();
        if (newest != now.from) {
            now = new Read(newest);
            read = now;
        }
        return now;
    }
}
