package io.penstock.broker.delivery;

import io.penstock.protocol.selector.Selector;
import io.penstock.protocol.selector.SelectorMatcher;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
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
    /** Of consumers that have one of their own; null while there are none. */
    private List<SelectorCursor> own;

    SelectorCursors(String topicName, int partition) {
        this.topicName = topicName;
        this.partition = partition;
    }

    /** From now on each consumer has a cursor of its own: which record is for whom does not depend on selectors alone. */
    void separate() {
        if (own == null) {
            own = new ArrayList<>();
        }
    }

    /** A cursor of the consumer's own, that has looked as far as the one it had. */
    SelectorCursor separated(SelectorCursor shared) {
        SelectorCursor copy = shared.copy();
        detach(shared);
        copy.consumers = 1;
        own.add(copy);
        return copy;
    }

    /** @param selector null for a consumer that takes everything */
    SelectorCursor attach(Selector selector) {
        String key = key(selector);
        SelectorCursor cursor = cursors.get(key);
        if (cursor == null) {
            cursor = new SelectorCursor(selector == null ? null : new SelectorMatcher(selector, topicName, partition));
            cursors.put(key, cursor);
        } else if (cursor.consumers == 0) {
            unused--;
        }
        cursor.consumers++;
        if (own != null) {
            return separated(cursor);
        }
        return cursor;
    }

    static String key(Selector selector) {
        return selector == null ? EVERYTHING : selector.text();
    }

    void detach(SelectorCursor cursor) {
        if (--cursor.consumers > 0 || own != null && own.remove(cursor)) {
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
        return cursors.size() + (own == null ? 0 : own.size());
    }

    Collection<SelectorCursor> all() {
        if (own == null) {
            return cursors.values();
        }
        List<SelectorCursor> all = new ArrayList<>(cursors.values());
        all.addAll(own);
        return all;
    }

    /** Records at or above {@code offset} were given back. */
    void returned(long offset) {
        for (SelectorCursor cursor : all()) {
            cursor.returned(offset);
        }
    }

    /** Records at or above {@code offset}, passed over or given back, may be delivered that could not before. */
    void opened(long offset) {
        for (SelectorCursor cursor : all()) {
            cursor.opened(offset);
        }
    }
}
