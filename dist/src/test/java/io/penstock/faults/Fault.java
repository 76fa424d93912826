package io.penstock.faults;

import io.penstock.process.BrokerCluster;

/** Something that goes wrong with a cluster under load, and how it ends. The run's thread. */
interface Fault {

    String name();

    /** How long nobody may wait for it on a quiet machine, in milliseconds; {@link Faults#NO_LIMIT} where a majority does not live. */
    long gapMillisMax();

    /** Does it, and undoes it. When it returns, nothing is wrong any more but what has to heal. */
    void run(BrokerCluster cluster) throws Exception;
}
