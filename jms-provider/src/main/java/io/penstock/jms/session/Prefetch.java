package io.penstock.jms.session;

/**
 * How much a consumer may be pushed ahead of the application.
 *
 * @param messages at least 1
 * @param bytes at least 1
 */
public record Prefetch(int messages, int bytes) {
    public Prefetch {
        if (messages < 1 || bytes < 1) {
            throw new IllegalArgumentException(
                    "prefetch must be at least one message and one byte, not " + messages + " and " + bytes);
        }
    }

    int messagesWorthCredit() {
        return Math.max(1, messages / 2);
    }

    int bytesWorthCredit() {
        return Math.max(1, bytes / 2);
    }
}
