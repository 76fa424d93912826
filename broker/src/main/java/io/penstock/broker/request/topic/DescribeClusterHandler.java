package io.penstock.broker.request.topic;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.request.KafkaHandler;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeClusterRequest;

/** DescribeCluster: its id, brokers and controller. There are no fenced brokers and no controller endpoints here. */
final class DescribeClusterHandler implements KafkaHandler<DescribeClusterRequest> {
    private static final byte BROKER_ENDPOINTS = 1;

    private final MetadataStore store;

    DescribeClusterHandler(MetadataStore store) {
        this.store = store;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DESCRIBE_CLUSTER;
    }

    @Override
    public void handle(Call call, DescribeClusterRequest request) {
        ClusterImage image = store.image();
        DescribeClusterResponseData response = new DescribeClusterResponseData().setClusterId(image.clusterId());
        if (request.data().endpointType() != BROKER_ENDPOINTS) {
            call.reply(response.setErrorCode(Errors.MISMATCHED_ENDPOINT_TYPE.code())
                    .setErrorMessage("This is an endpoint of a broker"));
            return;
        }
        response.setControllerId(KafkaView.controller(image));
        for (BrokerImage broker : image.brokers()) {
            response.brokers()
                    .add(new DescribeClusterBroker()
                            .setBrokerId(broker.id())
                            .setHost(broker.host())
                            .setPort(broker.port())
                            .setRack(broker.rack()));
        }
        if (request.data().includeClusterAuthorizedOperations()) {
            response.setClusterAuthorizedOperations(KafkaView.CLUSTER_OPERATIONS);
        }
        call.reply(response);
    }
}
