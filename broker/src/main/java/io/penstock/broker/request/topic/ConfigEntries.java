package io.penstock.broker.request.topic;

import io.penstock.broker.config.ConfigKey;
import io.penstock.broker.config.ConfigValue;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigType;

/** Kafka's codes for types and sources of configuration. */
final class ConfigEntries {
    private ConfigEntries() {}

    static byte source(ConfigValue.Source source) {
        return switch (source) {
            case TOPIC -> ConfigSource.TOPIC_CONFIG.id();
            case DYNAMIC_BROKER -> ConfigSource.DYNAMIC_BROKER_CONFIG.id();
            case DYNAMIC_ALL_BROKERS -> ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG.id();
            case BROKER_FILE -> ConfigSource.STATIC_BROKER_CONFIG.id();
            case DEFAULT -> ConfigSource.DEFAULT_CONFIG.id();
        };
    }

    static byte type(ConfigKey.Type type) {
        return switch (type) {
            case BOOLEAN -> ConfigType.BOOLEAN.id();
            case INT -> ConfigType.INT.id();
            case LONG -> ConfigType.LONG.id();
            case DOUBLE -> ConfigType.DOUBLE.id();
            case STRING -> ConfigType.STRING.id();
            case LIST -> ConfigType.LIST.id();
            case PASSWORD -> ConfigType.PASSWORD.id();
        };
    }
}
