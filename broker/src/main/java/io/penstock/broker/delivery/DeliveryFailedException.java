package io.penstock.broker.delivery;

import java.io.IOException;

/**
 * The ledger of the partition failed, or the delivery was closed: what was not confirmed is unknown until the
 * partition's logs have been recovered and the delivery is opened again.
 */
public final class DeliveryFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    DeliveryFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
