package io.penstock.broker.request.jms;

import io.penstock.protocol.message.PenstockError;
import java.util.ArrayList;
import java.util.List;

/** How a commit ended, for the request and for those that repeat it. Belongs to the connection's owner. */
final class CommitOutcome {

    /** Told the outcome. */
    interface Listener {
        void committed(long[] baseOffsets);

        void failed(PenstockError error, String message);
    }

    private List<Listener> waiting = new ArrayList<>(1);
    private long[] baseOffsets;
    private PenstockError error;
    private String message;

    void whenKnown(Listener listener) {
        if (waiting != null) {
            waiting.add(listener);
        } else {
            tell(listener);
        }
    }

    boolean isKnown() {
        return waiting == null;
    }

    void committed(long[] offsets) {
        baseOffsets = offsets;
        finish();
    }

    void failed(PenstockError why, String text) {
        error = why;
        message = text;
        finish();
    }

    private void finish() {
        List<Listener> listeners = waiting;
        waiting = null;
        listeners.forEach(this::tell);
    }

    private void tell(Listener listener) {
        if (error == null) {
            listener.committed(baseOffsets);
        } else {
            listener.failed(error, message);
        }
    }
}
