package io.penstock.broker;

import java.util.List;

/** The configuration cannot be used; {@link #faults} names every key that is wrong, and why. */
public final class InvalidConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> faults;

    InvalidConfigException(List<String> faults) {
        super(String.join("\n", faults));
        this.faults = List.copyOf(faults);
    }

    public List<String> faults() {
        return faults;
    }
}
