package io.penstock.broker.wire;

/**
 * What connections may take before somebody has logged in, immutable.
 *
 * @param anonymous nobody needs to: whoever connects is let in as ANONYMOUS
 * @param frameBytesMax {@code sasl.server.max.receive.size}
 * @param connectionsMax of them at the same time; when there is one more, the one that waits longest is closed
 * @param millis after which one that has not logged in is closed
 */
public record LoginLimits(boolean anonymous, int frameBytesMax, int connectionsMax, long millis) {
    private static final int CONNECTIONS_MAX = 1000;
    private static final long MILLIS = 10_000;

    public static LoginLimits of(boolean anonymous, int frameBytesMax) {
        return new LoginLimits(anonymous, frameBytesMax, CONNECTIONS_MAX, MILLIS);
    }
}
