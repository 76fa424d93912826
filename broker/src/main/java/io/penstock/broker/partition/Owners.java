package io.penstock.broker.partition;

import io.penstock.storage.time.Owner;
import java.util.List;

/** The owners that this broker has: its event loops in production. Any thread may call. */
public interface Owners {

    /** The owner for one more partition: each gets its turn. */
    Owner next();

    List<Owner> all();
}
