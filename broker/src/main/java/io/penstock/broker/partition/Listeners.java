package io.penstock.broker.partition;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Who wants to know when something moved; may be changed while being called. The owner's thread only. */
final class Listeners {
    private final Set<Entry> entries = new LinkedHashSet<>();

    /** Not a record: two registrations of one listener are two. */
    private static final class Entry {
        private final Runnable listener;
        private boolean cancelled;

        Entry(Runnable listener) {
            this.listener = listener;
        }
    }

    Partition.Registration add(Runnable listener) {
        Entry entry = new Entry(listener);
        entries.add(entry);
        return () -> {
            entry.cancelled = true;
            entries.remove(entry);
        };
    }

    void run() {
        if (entries.isEmpty()) {
            return;
        }
        for (Entry entry : List.copyOf(entries)) {
            if (!entry.cancelled) {
                entry.listener.run();
            }
        }
    }
}
