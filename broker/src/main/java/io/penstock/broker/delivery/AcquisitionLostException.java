package io.penstock.broker.delivery;

import java.io.IOException;

/** A session wanted to settle in a transaction what it does not hold; nothing was changed (ACQUISITION_LOST). */
public final class AcquisitionLostException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient OffsetRanges lost;

    AcquisitionLostException(String group, SessionKey session, OffsetRanges lost) {
        super("session " + session + " does not hold offsets " + lost + " of group " + group);
        this.lost = lost;
    }

    public OffsetRanges lost() {
        return lost;
    }
}
