package io.penstock.broker.partition;

import io.penstock.storage.time.Failures;
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

    /**
     * Calls all, also when one fails.
     *
     * @param failed what has failed before and is thrown at the end, or null
     */
    void run(Throwable failed) {
        Throwable first = failed;
        for (Entry entry : entries.isEmpty() ? List.<Entry>of() : List.copyOf(entries)) {
            if (!entry.cancelled) {
                try {
                    entry.listener.run();
                } catch (RuntimeException | VirtualMachineError | AssertionError e) {
                    first = Failures.first(first, e);
                }
            }
        }
        Failures.rethrow(first);
    }
}
