package io.penstock.broker.config;

import io.penstock.broker.config.ConfigKey.BrokerKey;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.LogConfig.FlushPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A topic's configuration over its broker's: what is in force, where it comes from, whether it is right. Stateless. */
public final class TopicConfigs {
    private TopicConfigs() {}

    /** The settings of a topic's logs on a broker. Both arguments must have been checked before. */
    public static LogConfig resolve(Map<String, String> topic, BrokerSettings broker) {
        return new LogConfig(
                (int) number("segment.bytes", topic, broker),
                number("segment.ms", topic, broker),
                number("retention.ms", topic, broker),
                number("retention.bytes", topic, broker),
                flushPolicy(value("flush.policy", topic, broker)),
                number("flush.messages", topic, broker),
                number("flush.ms", topic, broker),
                (int) number("max.message.bytes", topic, broker),
                (int) number("index.interval.bytes", topic, broker),
                value("message.timestamp.type", topic, broker).equals("LogAppendTime"));
    }

    /** The value in force. */
    public static String value(String key, Map<String, String> topic, BrokerSettings broker) {
        String own = topic.get(key);
        if (own != null) {
            return own.trim();
        }
        ConfigKey known = known(key);
        for (BrokerKey inherited : known.inherits()) {
            String value = broker.configured(inherited.name());
            if (value != null) {
                return scaled(value.trim(), inherited.factor());
            }
        }
        return known.defaultValue();
    }

    /** As {@link #value}, for keys whose value is a whole number. */
    public static long number(String key, Map<String, String> topic, BrokerSettings broker) {
        return Long.parseLong(value(key, topic, broker));
    }

    /** Every place where the key has a value, the strongest (the one in force) first. */
    public static List<ConfigValue> values(String key, Map<String, String> topic, BrokerSettings broker) {
        List<ConfigValue> values = new ArrayList<>();
        ConfigKey known = known(key);
        if (topic.containsKey(key)) {
            values.add(new ConfigValue(key, topic.get(key), ConfigValue.Source.TOPIC));
        }
        for (BrokerKey inherited : known.inherits()) {
            for (ConfigValue value : broker.values(inherited.name())) {
                values.add(value);
            }
        }
        if (values.stream().noneMatch(value -> value.source() == ConfigValue.Source.DEFAULT)) {
            values.add(new ConfigValue(key, known.defaultValue(), ConfigValue.Source.DEFAULT));
        }
        return values;
    }

    /** What is wrong with a setting, as a sentence for the user, or null. */
    public static String fault(String key, String value) {
        ConfigKey known = TopicKeys.key(key);
        if (known == null) {
            return "Unknown topic configuration '" + key + "'";
        }
        String fault = known.fault(value);
        return fault == null ? null : "Invalid value '" + value + "' for configuration " + key + ": " + fault;
    }

    /** What is wrong with a topic's settings taken together, or null. */
    public static String fault(Map<String, String> config, int replicas) {
        for (Map.Entry<String, String> entry : config.entrySet()) {
            String fault = fault(entry.getKey(), entry.getValue());
            if (fault != null) {
                return fault;
            }
        }
        if (config.containsKey("min.insync.replicas")
                && Integer.parseInt(config.get("min.insync.replicas").trim()) > replicas) {
            return "Invalid value '" + config.get("min.insync.replicas")
                    + "' for configuration min.insync.replicas: the topic has " + replicas
                    + " replica(s), so that nothing could be acknowledged";
        }
        return null;
    }

    public static FlushPolicy flushPolicy(String value) {
        return switch (value) {
            case "before-reply" -> FlushPolicy.BEFORE_REPLY;
            case "interval" -> FlushPolicy.INTERVAL;
            case "never" -> FlushPolicy.NEVER;
            default -> throw new IllegalArgumentException("flush.policy=" + value);
        };
    }

    private static ConfigKey known(String key) {
        ConfigKey known = TopicKeys.key(key);
        if (known == null) {
            throw new IllegalArgumentException("unknown topic configuration " + key);
        }
        return known;
    }

    private static String scaled(String value, long factor) {
        long number;
        if (factor == 1 || (number = Long.parseLong(value)) < 0) {
            return value;
        }
        return Long.toString(number > Long.MAX_VALUE / factor ? Long.MAX_VALUE : number * factor);
    }
}
