package io.penstock.broker.config;

/** A value, and where it comes from. */
public record ConfigValue(String key, String value, Source source) {

    /** The strongest first. */
    public enum Source {
        TOPIC,
        DYNAMIC_BROKER,
        DYNAMIC_ALL_BROKERS,
        BROKER_FILE,
        DEFAULT
    }
}
