package io.penstock.broker.delivery;

import java.io.IOException;

/** Told how a settlement ended; on the owner's thread, perhaps before the call that asked for it returns. */
@FunctionalInterface
public interface SettleCallback {

    /**
     * Exactly one of the two is null.
     *
     * @param outcome what was done; it is durable as the ledger's flush policy asks
     * @param failure the ledger could not take it: {@code DiskFullException} and other errors of an append leave the
     *     records with the session, so that it may try again with the same sequence; a
     *     {@link DeliveryFailedException} leaves the outcome unknown until the partition was opened again
     */
    void done(SettleOutcome outcome, IOException failure);
}
