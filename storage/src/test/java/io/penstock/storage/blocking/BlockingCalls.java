package io.penstock.storage.blocking;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The blocking calls that event loops have made and no test has asked for yet. Any thread. */
public final class BlockingCalls {
    /** More than this many places are not told apart any more. */
    private static final int PLACES_MAX = 100;

    private static final int FRAMES = 25;
    private static final Map<String, String> FOUND = new LinkedHashMap<>();

    private BlockingCalls() {}

    static void found(String method) {
        StringBuilder where =
                new StringBuilder("thread " + Thread.currentThread().getName() + " called " + method);
        StackWalker.getInstance().forEach(frame -> {
            if (!frame.getClassName().startsWith("reactor.blockhound")
                    && !frame.getClassName().equals(BlockingCalls.class.getName())
                    && where.chars().filter(each -> each == '\n').count() < FRAMES) {
                where.append("\n        at ").append(frame);
            }
        });
        String text = where.toString();
        synchronized (FOUND) {
            if (FOUND.size() < PLACES_MAX) {
                FOUND.putIfAbsent(text, text);
            }
        }
    }

    /** Each with its stack; they are forgotten here. */
    public static List<String> take() {
        synchronized (FOUND) {
            List<String> all = new ArrayList<>(FOUND.values());
            FOUND.clear();
            return all;
        }
    }
}
