package io.penstock.broker.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What is configured for one broker at one moment: its file, and over it what was set at run time for all brokers and
 * for this one.
 */
public record BrokerSettings(
        int brokerId, Map<String, String> file, Map<String, String> dynamicDefault, Map<String, String> dynamic) {

    public BrokerSettings {
        file = Map.copyOf(file);
        dynamicDefault = Map.copyOf(dynamicDefault);
        dynamic = Map.copyOf(dynamic);
    }

    /** Only what stands in the file. */
    public static BrokerSettings of(int brokerId, Map<String, String> file) {
        return new BrokerSettings(brokerId, file, Map.of(), Map.of());
    }

    /** The same broker with the run-time settings that an image of the cluster holds. */
    public BrokerSettings withDynamic(Map<String, String> all, Map<String, String> own) {
        return all.equals(dynamicDefault) && own.equals(dynamic) ? this : new BrokerSettings(brokerId, file, all, own);
    }

    /** The value in force: this broker's at run time, that of all, the file's, the default (null without one). */
    public String value(String key) {
        String value = configured(key);
        if (value != null) {
            return value;
        }
        ConfigKey known = BrokerKeys.key(key);
        return known == null ? null : known.defaultValue();
    }

    public int intValue(String key) {
        return Integer.parseInt(value(key).trim());
    }

    public long longValue(String key) {
        return Long.parseLong(value(key).trim());
    }

    public boolean flag(String key) {
        return Boolean.parseBoolean(value(key).trim());
    }

    /** As {@link #value}, but null when only the default is in force. */
    public String configured(String key) {
        String value = dynamic.get(key);
        if (value == null) {
            value = dynamicDefault.get(key);
        }
        return value == null ? file.get(key) : value;
    }

    /** Every place where a key has a value, the strongest first; the default comes last. */
    public List<ConfigValue> values(String key) {
        List<ConfigValue> values = new ArrayList<>(2);
        add(values, key, dynamic.get(key), ConfigValue.Source.DYNAMIC_BROKER);
        add(values, key, dynamicDefault.get(key), ConfigValue.Source.DYNAMIC_ALL_BROKERS);
        add(values, key, file.get(key), ConfigValue.Source.BROKER_FILE);
        ConfigKey known = BrokerKeys.key(key);
        add(values, key, known == null ? null : known.defaultValue(), ConfigValue.Source.DEFAULT);
        return values;
    }

    private static void add(List<ConfigValue> values, String key, String value, ConfigValue.Source source) {
        if (value != null) {
            values.add(new ConfigValue(key, value, source));
        }
    }
}
