package io.penstock.broker.delivery;

/**
 * When settled records leave the records' log; asked on the partition's owner each time something could go.
 */
public interface SettledRetention {

    /** The {@code time} retention: settled records stay as long as others, by time and size. */
    SettledRetention KEEP = () -> -1;

    /** The {@code consumed} retention of a destination that no Kafka group reads. */
    SettledRetention CONSUMED = () -> Long.MAX_VALUE;

    /**
     * The offset below which records may go once every group here has settled them: the least offset that a Kafka
     * group has committed on this partition, {@link Long#MAX_VALUE} when there is none; negative keeps everything.
     */
    long releasableBelow();

    /** {@code penstock.retention.settled.ms}: for how long what is settled stays, for late readers and replay. */
    default long settledMillis() {
        return 0;
    }
}
