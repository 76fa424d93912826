package io.penstock.jms.wire;

/**
 * Keeps one socket's lease, and notices a broker that says nothing any more: its process stands still, or the network between
 * swallows everything, so that nothing closes the socket. After traffic it asks soon, after a twelfth of the lease; while
 * nothing but its own questions is answered, ever later, up to a sixth of the lease. When nothing at all is heard for a sixth of
 * the lease after a question, the broker is given up: a busy client knows after a quarter of the lease, an idle one after a
 * third. Brokers hold what the client had much longer, also those that heard of it by the one that is silent.
 *
 * <p>Time is counted in ticks of the event loop: a client that stood still itself does not blame the broker. Event loop only.
 */
final class SilenceWatch {

    /** A socket, as far as it is watched. */
    interface Line {
        /** Grows with each read. */
        long heard();

        void ask();

        void giveUp(String why);
    }

    private static final int TICKS_IN_LEASE = 60;
    private static final int SOON_TICKS = TICKS_IN_LEASE / 12;
    private static final int LATE_TICKS = TICKS_IN_LEASE / 6;

    private final Line line;
    private final long tickMillis;
    private long heardBefore;
    private int intervalTicks = SOON_TICKS;
    private int quietTicks;
    private int ticksSinceAsked;
    private boolean asked;

    SilenceWatch(Line line, int leaseMillis) {
        this.line = line;
        this.tickMillis = Math.max(20, leaseMillis / TICKS_IN_LEASE);
    }

    /** How often {@link #tick} is to be called. */
    long tickMillis() {
        return tickMillis;
    }

    /** False when the broker was given up. */
    boolean tick() {
        long heard = line.heard();
        ticksSinceAsked++;
        if (heard != heardBefore) {
            heardBefore = heard;
            quietTicks = 0;
            intervalTicks = asked ? Math.min(LATE_TICKS, 2 * intervalTicks) : SOON_TICKS;
            asked = false;
        } else {
            quietTicks++;
        }
        if (asked && ticksSinceAsked >= LATE_TICKS) {
            line.giveUp("has said nothing for " + quietTicks * tickMillis + " ms");
            return false;
        }
        // What comes from the broker does not renew the lease.
        if (!asked && (quietTicks >= intervalTicks || ticksSinceAsked > LATE_TICKS)) {
            asked = true;
            ticksSinceAsked = 0;
            line.ask();
        }
        return true;
    }
}
