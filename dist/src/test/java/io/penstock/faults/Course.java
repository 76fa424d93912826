package io.penstock.faults;

import io.penstock.process.BrokerCluster;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** What all clients of one run share: the cluster, what they have seen, and how far the run is. Any thread. */
final class Course {
    private final BrokerCluster cluster;
    private final ConcurrentLinkedQueue<Seen> history = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> troubles = new ConcurrentLinkedQueue<>();
    private final List<Pulse> pulses = new CopyOnWriteArrayList<>();
    private volatile boolean sending = true;
    private volatile boolean reading = true;

    private record Seen(long wallMillis, Event event) {}

    Course(BrokerCluster cluster) {
        this.cluster = cluster;
    }

    BrokerCluster cluster() {
        return cluster;
    }

    void saw(Event event) {
        history.add(new Seen(System.currentTimeMillis(), event));
    }

    /** What should not happen to a client at all. */
    void trouble(String what) {
        troubles.add(what);
    }

    List<String> troubles() {
        return List.copyOf(troubles);
    }

    Pulse pulse(String name) {
        Pulse pulse = new Pulse(name);
        pulses.add(pulse);
        return pulse;
    }

    List<Pulse> pulses() {
        return List.copyOf(pulses);
    }

    List<Event> history() {
        return history.stream().map(Seen::event).toList();
    }

    /** All that is known of a message, for whoever looks for the cause of a violation. */
    String story(String stream, int number) {
        StringBuilder story = new StringBuilder();
        for (Seen seen : history) {
            if (seen.event.stream().equals(stream) && seen.event.number() == number) {
                story.append(String.format("%n  %tT.%<tL %s", seen.wallMillis, seen.event));
            }
        }
        return story.toString();
    }

    /** Everything, in the order in which it was seen. */
    void writeHistory(Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (Seen seen : history) {
                out.write(String.format("%tT.%<tL %s%n", seen.wallMillis, seen.event));
            }
        }
    }

    boolean sending() {
        return sending;
    }

    boolean reading() {
        return reading;
    }

    void endSending() {
        sending = false;
    }

    void endReading() {
        reading = false;
    }
}
