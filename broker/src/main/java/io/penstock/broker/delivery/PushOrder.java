package io.penstock.broker.delivery;

import java.io.IOException;

/** Which records come next for a consumer of one group. Owner thread only. */
interface PushOrder {

    /** Whether something that was given back may be for consumers of this cursor. */
    boolean hasReturned(SelectorCursor cursor);

    /** Whether something that was passed over may be. */
    boolean hasWaiting(SelectorCursor cursor);

    /** How many records were passed over and may be delivered, to whomever. */
    long waiting();

    /** Takes what the consumer gets next, as much as the acquirer wants, and changes the group's state by that. */
    void take(Acquirer acquirer, GroupSession session, SelectorCursor cursor) throws IOException;
}
