package io.penstock.storage.log;

/** An offset outside of what the log holds. */
public final class OffsetOutOfRangeException extends LogException {
    private static final long serialVersionUID = 1L;

    public OffsetOutOfRangeException(LogId log, long offset, long start, long end) {
        super(
                Reason.OFFSET_OUT_OF_RANGE,
                "offset " + offset + " of " + log + " is outside of [" + start + ", " + end + "]");
    }
}
