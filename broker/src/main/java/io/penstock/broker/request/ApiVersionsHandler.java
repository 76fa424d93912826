package io.penstock.broker.request;

import io.penstock.protocol.message.PenstockApi;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.message.ApiVersionsResponseData.FinalizedFeatureKey;
import org.apache.kafka.common.message.ApiVersionsResponseData.FinalizedFeatureKeyCollection;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKey;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKeyCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiVersionsRequest;

/** ApiVersions: lists what the dispatch table really serves, our own keys too. */
public final class ApiVersionsHandler implements KafkaHandler<ApiVersionsRequest> {
    private static final String TRANSACTIONS = "transaction.version";
    private static final short TRANSACTION_VERSION = 2;

    private final HandlerRegistry handlers;

    public ApiVersionsHandler(HandlerRegistry handlers) {
        this.handlers = handlers;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.API_VERSIONS;
    }

    @Override
    public void handle(Call call, ApiVersionsRequest request) {
        if (request.isValid()) {
            call.reply(describe(handlers));
        } else {
            call.reply(new ApiVersionsResponseData().setErrorCode(Errors.INVALID_REQUEST.code()));
        }
    }

    /** What is served, without an error. */
    public static ApiVersionsResponseData describe(HandlerRegistry handlers) {
        ApiVersionCollection listed = new ApiVersionCollection();
        for (KafkaHandler<?> handler : handlers.kafkaHandlers()) {
            if (!handler.listed()) {
                continue;
            }
            short lowest = handler.key() == ApiKeys.PRODUCE
                    ? ApiKeys.PRODUCE_API_VERSIONS_RESPONSE_MIN_VERSION
                    : handler.lowestVersion();
            listed.add(version(handler.key().id, lowest, handler.highestVersion()));
        }
        for (PrivateHandler handler : handlers.privateHandlers()) {
            PenstockApi api = handler.api();
            if (handler.listed()) {
                listed.add(version(api.key(), api.lowestVersion(), api.highestVersion()));
            }
        }
        // KIP-890: with version 2 each transaction has an epoch of its own, and partitions are added by the broker.
        SupportedFeatureKeyCollection supported = new SupportedFeatureKeyCollection();
        supported.add(new SupportedFeatureKey()
                .setName(TRANSACTIONS)
                .setMinVersion((short) 0)
                .setMaxVersion(TRANSACTION_VERSION));
        FinalizedFeatureKeyCollection in = new FinalizedFeatureKeyCollection();
        in.add(new FinalizedFeatureKey()
                .setName(TRANSACTIONS)
                .setMinVersionLevel(TRANSACTION_VERSION)
                .setMaxVersionLevel(TRANSACTION_VERSION));
        return new ApiVersionsResponseData()
                .setApiKeys(listed)
                .setSupportedFeatures(supported)
                .setFinalizedFeaturesEpoch(0)
                .setFinalizedFeatures(in);
    }

    private static ApiVersion version(short key, short lowest, short highest) {
        return new ApiVersion().setApiKey(key).setMinVersion(lowest).setMaxVersion(highest);
    }
}
