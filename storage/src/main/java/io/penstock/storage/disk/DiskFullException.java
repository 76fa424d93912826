package io.penstock.storage.disk;

import java.io.IOException;

/** The disk, or the quota of its user, has no space left. What was written before stays readable. */
public final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1L;

    public DiskFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
