package io.penstock.broker.delivery;

import io.penstock.protocol.selector.Selector;
import io.penstock.protocol.selector.SelectorMatcher;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The cursors of a group, one for each selector that its consumers have. Some of those without a consumer are kept: who
 * opens a consumer for each reply finds its place again. Owner thread only.
 */
final class SelectorCursors {
    private static final int UNUSED_MAX = 16;
    private static final String EVERYTHING = "";

    private final String topicName;
    private final int partition;
    private final Map<String, SelectorCursor> cursors = new LinkedHashMap<>(2);
    private int unused;

    SelectorCursors(String topicName, int partition) {
        this.topicName = topicName;
        this.partition = partition;
    }

    /** @param selector null for a consumer that takes everything */
    SelectorCursor attach(Selector selector) {
        String key = selector == null ? EVERYTHING : selector.text();
        SelectorCursor cursor = cursors.get(key);
        if (cursor == null) {
            cursor = new SelectorCursor(selector == null ? null : new SelectorMatcher(selector, topicName, partition));
            cursors.put(key, cursor);
        } else if (cursor.consumers == 0) {
            unused--;
        }
        cursor.consumers++;
        return cursor;
    }

    void detach(SelectorCursor cursor) {
        if (--cursor.consumers > 0) {
            return;
        }
        unused++;
        if (unused > UNUSED_MAX) {
            dropOldestUnused();
        }
    }

    private void dropOldestUnused() {
        for (Iterator<SelectorCursor> each = cursors.values().iterator(); each.hasNext(); ) {
            if (each.next().consumers == 0) {
                each.remove();
                unused--;
                return;
            }
        }
    }

    /** True when one of them has a selector: its place is worth keeping. */
    boolean select() {
        return cursors.size() > 1 || !cursors.containsKey(EVERYTHING);
    }

    int size() {
        return cursors.size();
    }

    Collection<SelectorCursor> all() {
        return cursors.values();
    }

    /** Records at or above {@code offset} were given back. */
    void returned(long offset) {
        for (SelectorCursor cursor : cursors.values()) {
            cursor.returned(offset);
        }
    }

    /** Passed-over records at or above {@code offset} may be delivered that could not before. */
    void opened(long offset) {
        for (SelectorCursor cursor : cursors.values()) {
            cursor.opened(offset);
        }
    }
}
