package io.penstock.broker.request.topic;

import io.penstock.broker.config.BrokerKeys;
import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.config.ConfigKey;
import io.penstock.broker.config.ConfigValue;
import io.penstock.broker.config.TopicConfigs;
import io.penstock.broker.config.TopicKeys;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicCreation;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.metadata.TopicNames;
import io.penstock.broker.request.KafkaHandler;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.DescribeConfigsRequest;

/** DescribeConfigs of topics and brokers: values, where they come from, what they mean. Secrets are not shown. */
final class DescribeConfigsHandler implements KafkaHandler<DescribeConfigsRequest> {
    private final MetadataStore store;
    private final TopicCreation creation;

    DescribeConfigsHandler(MetadataStore store, TopicCreation creation) {
        this.store = store;
        this.creation = creation;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DESCRIBE_CONFIGS;
    }

    @Override
    public void handle(Call call, DescribeConfigsRequest request) {
        DescribeConfigsResponseData response = new DescribeConfigsResponseData();
        for (DescribeConfigsResource asked : request.data().resources()) {
            response.results().add(describe(asked, request));
        }
        call.reply(response);
    }

    private DescribeConfigsResult describe(DescribeConfigsResource asked, DescribeConfigsRequest request) {
        DescribeConfigsResult result = new DescribeConfigsResult()
                .setResourceType(asked.resourceType())
                .setResourceName(asked.resourceName());
        switch (ConfigResource.Type.forId(asked.resourceType())) {
            case TOPIC -> {
                TopicImage topic = store.image().topic(asked.resourceName()).orElse(null);
                if (topic == null) {
                    return failed(
                            result,
                            new ApiError(
                                    TopicNames.fault(asked.resourceName()) == null
                                            ? Errors.UNKNOWN_TOPIC_OR_PARTITION
                                            : Errors.INVALID_TOPIC_EXCEPTION,
                                    TopicNames.fault(asked.resourceName())));
                }
                topicEntries(result, topic, asked.configurationKeys(), request);
            }
            case BROKER -> {
                ApiError fault = brokerEntries(result, asked, request);
                if (fault != null) {
                    return failed(result, fault);
                }
            }
            default -> {
                return failed(
                        result,
                        new ApiError(
                                Errors.INVALID_REQUEST,
                                "Configuration of " + ConfigResource.Type.forId(asked.resourceType())
                                        + " is not implemented"));
            }
        }
        return result;
    }

    private void topicEntries(
            DescribeConfigsResult result, TopicImage topic, Collection<String> keys, DescribeConfigsRequest request) {
        BrokerSettings settings = creation.settings();
        for (ConfigKey key : TopicKeys.keys()) {
            if (wanted(keys, key.name())) {
                List<ConfigValue> values = TopicConfigs.values(key.name(), topic.config(), settings);
                String value = TopicConfigs.value(key.name(), topic.config(), settings);
                result.configs().add(entry(key, value, values, false, request));
            }
        }
    }

    private ApiError brokerEntries(
            DescribeConfigsResult result, DescribeConfigsResource asked, DescribeConfigsRequest request) {
        ClusterImage image = store.image();
        BrokerSettings own = creation.settings();
        BrokerSettings settings;
        if (asked.resourceName().isEmpty()) {
            settings = new BrokerSettings(-1, java.util.Map.of(), image.brokerConfig(-1), java.util.Map.of());
        } else {
            int id;
            try {
                id = Integer.parseInt(asked.resourceName());
            } catch (NumberFormatException e) {
                return new ApiError(
                        Errors.INVALID_REQUEST, "Broker id must be a number, but it is: " + asked.resourceName());
            }
            if (id != own.brokerId()) {
                return new ApiError(
                        Errors.INVALID_REQUEST,
                        "Unexpected broker id, expected " + own.brokerId() + " or empty string, but received "
                                + asked.resourceName());
            }
            settings = own;
        }
        for (ConfigKey key : BrokerKeys.keys()) {
            // The defaults of all brokers hold only what was set for them.
            boolean shown = settings == own || settings.configured(key.name()) != null;
            if (shown && wanted(asked.configurationKeys(), key.name())) {
                List<ConfigValue> values = settings.values(key.name());
                result.configs().add(entry(key, settings.value(key.name()), values, !key.dynamic(), request));
            }
        }
        return null;
    }

    private static boolean wanted(Collection<String> keys, String name) {
        return keys == null || keys.contains(name);
    }

    private static DescribeConfigsResourceResult entry(
            ConfigKey key, String value, List<ConfigValue> values, boolean readOnly, DescribeConfigsRequest request) {
        DescribeConfigsResourceResult entry = new DescribeConfigsResourceResult()
                .setName(key.name())
                .setValue(key.sensitive() ? null : value)
                .setReadOnly(readOnly)
                .setIsSensitive(key.sensitive())
                .setConfigSource(ConfigEntries.source(
                        values.isEmpty()
                                ? ConfigValue.Source.DEFAULT
                                : values.get(0).source()))
                .setConfigType(ConfigEntries.type(key.type()));
        if (request.data().includeDocumentation()) {
            entry.setDocumentation(key.documentation());
        }
        if (request.data().includeSynonyms()) {
            for (ConfigValue synonym : values) {
                entry.synonyms()
                        .add(new DescribeConfigsSynonym()
                                .setName(synonym.key())
                                .setValue(key.sensitive() ? null : synonym.value())
                                .setSource(ConfigEntries.source(synonym.source())));
            }
        }
        return entry;
    }

    private static DescribeConfigsResult failed(DescribeConfigsResult result, ApiError error) {
        return result.setErrorCode(error.error().code())
                .setErrorMessage(error.messageWithFallback())
                .setConfigs(List.of());
    }
}
