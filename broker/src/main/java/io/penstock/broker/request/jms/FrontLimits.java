package io.penstock.broker.request.jms;

/**
 * Limits and times of the JMS front, immutable.
 *
 * @param leaseMillis a connection that sends nothing for so long has died with its network
 * @param graceMillis how long the sessions of a connection are held after its socket has closed
 * @param connectionsMax JMS connections of the broker
 * @param sessionsMax sessions of a connection
 * @param consumersMax consumers of a connection, closed ones of open sessions included
 * @param inFlightMax requests of a connection that wait for their reply
 * @param frameBytesMax largest frame that a client may send
 * @param pushBytesMax bytes of record batches after which a push frame is not filled further
 * @param partitionsMax partitions that a client may ask for when it makes a destination
 * @param bodyBytesMax largest body of a message that travels in pieces
 */
public record FrontLimits(
        int leaseMillis,
        int graceMillis,
        int connectionsMax,
        int sessionsMax,
        int consumersMax,
        int inFlightMax,
        int frameBytesMax,
        int pushBytesMax,
        int partitionsMax,
        int bodyBytesMax) {

    public FrontLimits {
        positive(leaseMillis, "leaseMillis");
        positive(graceMillis, "graceMillis");
        positive(connectionsMax, "connectionsMax");
        positive(sessionsMax, "sessionsMax");
        positive(consumersMax, "consumersMax");
        positive(inFlightMax, "inFlightMax");
        positive(frameBytesMax, "frameBytesMax");
        positive(pushBytesMax, "pushBytesMax");
        positive(partitionsMax, "partitionsMax");
        positive(bodyBytesMax, "bodyBytesMax");
    }

    public static FrontLimits defaults() {
        return new FrontLimits(
                30_000, 1_000, 20_000, 10_000, 20_000, 20_000, 100 * 1024 * 1024, 256 * 1024, 1_000, 100 << 20);
    }

    /** As these, with frames of at most so many bytes. */
    public FrontLimits withFrameBytesMax(int bytes) {
        return new FrontLimits(
                leaseMillis,
                graceMillis,
                connectionsMax,
                sessionsMax,
                consumersMax,
                inFlightMax,
                bytes,
                pushBytesMax,
                partitionsMax,
                bodyBytesMax);
    }

    /** As these, with bodies of at most so many bytes. */
    public FrontLimits withBodyBytesMax(int bytes) {
        return new FrontLimits(
                leaseMillis,
                graceMillis,
                connectionsMax,
                sessionsMax,
                consumersMax,
                inFlightMax,
                frameBytesMax,
                pushBytesMax,
                partitionsMax,
                bytes);
    }

    private static void positive(int value, String name) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be positive, is " + value);
        }
    }
}
