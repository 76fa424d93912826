package io.penstock.broker.wire;

/**
 * Limits of the wire, immutable.
 *
 * @param frameBytesMax {@code socket.request.max.bytes}
 * @param idleMillis {@code connections.max.idle.ms}; 0 or less never closes
 * @param connectionsMax {@code max.connections}
 * @param connectionBytesMax bytes of one connection's requests in work above which it is not read
 * @param connectionRequestsMax requests of one connection in work above which it is not read
 * @param allBytesMax {@code queued.max.request.bytes}: bytes of all requests in work, and of those that have not yet
 *     arrived whole, above which nobody is read; the latter may take half of it
 * @param partBytesMin what each connection may have received of a frame without being counted
 * @param partMillis a frame that is not whole after it, while it may be read and others wait for room, ends its connection
 * @param login of connections over which nobody has logged in
 */
public record WireConfig(
        int frameBytesMax,
        long idleMillis,
        int connectionsMax,
        int connectionBytesMax,
        int connectionRequestsMax,
        long allBytesMax,
        int partBytesMin,
        long partMillis,
        LoginLimits login) {
    private static final int CONNECTION_BYTES_MAX = 16 << 20;
    private static final int CONNECTION_REQUESTS_MAX = 4096;
    private static final long ALL_BYTES_MIN = 128L << 20;
    private static final int PART_BYTES_MIN = 64 << 10;
    private static final long PART_MILLIS = 10_000;

    /** @param allBytesMax 0 or less: a quarter of the heap, 128 MiB at least */
    public static WireConfig of(
            int frameBytesMax, long idleMillis, int connectionsMax, long allBytesMax, LoginLimits login) {
        return new WireConfig(
                frameBytesMax,
                idleMillis,
                connectionsMax,
                CONNECTION_BYTES_MAX,
                CONNECTION_REQUESTS_MAX,
                allBytesMax > 0
                        ? allBytesMax
                        : Math.max(ALL_BYTES_MIN, Runtime.getRuntime().maxMemory() / 4),
                PART_BYTES_MIN,
                PART_MILLIS,
                login);
    }
}
