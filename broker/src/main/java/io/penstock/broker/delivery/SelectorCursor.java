package io.penstock.broker.delivery;

import io.penstock.protocol.selector.SelectorMatcher;

/** How far the consumers of a group that have one selector have looked. Owner thread only. */
final class SelectorCursor {

    /** Null: everything matches. */
    final SelectorMatcher matcher;

    /** No record that was passed over below this offset is for these consumers. */
    long position;

    /** No record that was given back below this offset is; {@link Long#MAX_VALUE}: none at all. */
    long returnedFrom;

    int consumers;

    SelectorCursor(SelectorMatcher matcher) {
        this.matcher = matcher;
    }
}
