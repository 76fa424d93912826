package io.penstock.broker.delivery;

import java.io.IOException;

/** A ledger holds what this version cannot have written: a broken invariant, the partition stays closed. */
public final class LedgerCorruptException extends IOException {
    private static final long serialVersionUID = 1L;

    LedgerCorruptException(String message, Throwable cause) {
        super(message, cause);
    }
}
