package io.penstock.jms.session;

import java.util.ArrayList;
import java.util.List;

/** What was handed out and waits for one acknowledgement, commit or branch's end. Guarded by the session's lock. */
final class Unacknowledged {
    final List<HandedOut> messages = new ArrayList<>();
    /** How many messages the broker has taken away since this was asked last. */
    int lost;

    void remove(List<HandedOut> settled) {
        if (settled.size() == messages.size()) {
            messages.clear();
        } else {
            messages.removeAll(settled);
        }
    }

    void clear() {
        messages.clear();
        lost = 0;
    }
}
