package io.penstock.faults;

import io.penstock.faults.Event.Outcome;
import io.penstock.faults.Event.Received;
import io.penstock.faults.Event.Sent;
import io.penstock.faults.Event.Settled;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Holds a finished history against {@link Promise promises}. The history must be complete: every send with its outcome, and
 * readers that have read to the end. Pure; one thread.
 */
final class HistoryChecker {
    private final Map<String, BitSet> done = new HashMap<>();
    private final Map<String, BitSet> possible = new HashMap<>();
    private final Map<String, List<Event>> perSubscription = new HashMap<>();
    private final List<Violation> violations = new ArrayList<>();

    /** @param numbers of messages that it is about, not all if they are many */
    record Violation(String text, String stream, List<Integer> numbers) {}

    HistoryChecker(Iterable<Event> history) {
        for (Event event : history) {
            if (event instanceof Sent sent) {
                sent(sent);
            } else if (event instanceof Received received) {
                of(received.stream(), received.subscription()).add(received);
            } else if (event instanceof Settled settled) {
                of(settled.stream(), settled.subscription()).add(settled);
            }
        }
    }

    private void sent(Sent sent) {
        if (sent.outcome() != Outcome.NOT_DONE) {
            bits(possible, sent.stream()).set(sent.number());
        }
        if (sent.outcome() == Outcome.DONE) {
            bits(done, sent.stream()).set(sent.number());
        }
    }

    private List<Event> of(String stream, String subscription) {
        return perSubscription.computeIfAbsent(stream + "/" + subscription, key -> new ArrayList<>());
    }

    private static BitSet bits(Map<String, BitSet> map, String stream) {
        return map.computeIfAbsent(stream, key -> new BitSet());
    }

    /** Only whether the subscription got everything. */
    void checkLost(Promise promise) {
        BitSet received = received(of(promise.stream(), promise.subscription()));
        name("lost", promise.stream(), where(promise), minus(bits(done, promise.stream()), received));
    }

    private static String where(Promise promise) {
        return promise.stream() + "/" + promise.subscription();
    }

    /** What is wrong with what the subscription got; one line each. */
    void check(Promise promise) {
        checkLost(promise);
        String where = where(promise);
        List<Event> events = of(promise.stream(), promise.subscription());
        name("never sent", promise.stream(), where, minus(received(events), bits(possible, promise.stream())));
        Map<Integer, Integer> times = new HashMap<>();
        BitSet settled = new BitSet();
        Map<String, Integer> newest = new HashMap<>();
        for (Event event : events) {
            if (event instanceof Settled end && end.outcome() == Outcome.DONE) {
                settled.set(end.number());
            } else if (event instanceof Received delivery) {
                if (settled.get(delivery.number())) {
                    add(where + ": settled and came back: ", delivery);
                }
                int time = times.merge(delivery.number(), 1, Integer::sum);
                if (promise.flagged()) {
                    checkRepeat(where, delivery, time);
                }
                if (promise.inOrder() && time == 1) {
                    checkOrder(where, delivery, newest);
                }
            }
        }
    }

    private void checkRepeat(String where, Received delivery, int time) {
        if (time > 1 && !delivery.redelivered()) {
            add(where + ": a second time, and not flagged: ", delivery);
        }
        if (delivery.count() != 0 && delivery.redelivered() != delivery.count() > 1) {
            add(where + ": flag and count differ: ", delivery);
        }
        if (delivery.count() != 0 && delivery.count() < time) {
            add(where + ": handed out " + time + " times: ", delivery);
        }
    }

    private void checkOrder(String where, Received delivery, Map<String, Integer> newest) {
        String line = delivery.reader() + " from " + delivery.sender();
        Integer before = newest.put(line, delivery.number());
        if (before != null && before > delivery.number()) {
            add(where + ": after " + before + " came ", delivery);
        }
    }

    private static BitSet received(List<Event> events) {
        BitSet received = new BitSet();
        for (Event event : events) {
            if (event instanceof Received delivery) {
                received.set(delivery.number());
            }
        }
        return received;
    }

    /** Both got the same numbers: the parts of transactions. */
    void checkSame(Promise one, Promise other) {
        BitSet first = received(of(one.stream(), one.subscription()));
        BitSet second = received(of(other.stream(), other.subscription()));
        name("only there and not in " + other.stream(), one.stream(), one.stream(), minus(first, second));
        name("only there and not in " + one.stream(), other.stream(), other.stream(), minus(second, first));
    }

    /** What was certainly sent to one stream has come to a subscription of another: what is moved on. */
    void checkArrived(String from, Promise to) {
        BitSet there = received(of(to.stream(), to.subscription()));
        name("sent to " + from + " and not here", from, to.stream(), minus(bits(done, from), there));
    }

    private static BitSet minus(BitSet all, BitSet without) {
        BitSet left = (BitSet) all.clone();
        left.andNot(without);
        return left;
    }

    private void add(String what, Received delivery) {
        violations.add(new Violation(what + delivery, delivery.stream(), List.of(delivery.number())));
    }

    private void name(String what, String stream, String where, BitSet numbers) {
        if (!numbers.isEmpty()) {
            List<Integer> some = numbers.stream().limit(10).boxed().toList();
            violations.add(
                    new Violation(where + ": " + what + ": " + numbers.cardinality() + ": " + some, stream, some));
        }
    }

    /** Of a stream: how many sends were confirmed. */
    int confirmed(String stream) {
        return bits(done, stream).cardinality();
    }

    /** Of a subscription: how many deliveries were repeats. */
    long repeats(Promise promise) {
        List<Event> events = of(promise.stream(), promise.subscription());
        return events.stream().filter(Received.class::isInstance).count()
                - received(events).cardinality();
    }

    List<Violation> violations() {
        return List.copyOf(violations);
    }
}
