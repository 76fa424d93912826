package io.penstock.broker.request.transaction;

import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.request.PeerHandler;
import io.penstock.broker.request.PeerRight;
import io.penstock.broker.request.jms.MessageFrame;
import io.penstock.broker.transaction.kafka.MarkerPort;
import io.penstock.broker.transaction.kafka.ProducerIdentity;
import io.penstock.broker.transaction.kafka.TransactionPartition;
import io.penstock.broker.transaction.peers.MarkerOutcomes;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.WriteMarkersRequest;
import io.penstock.protocol.message.WriteMarkersResponse;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** WriteMarkers: another broker's coordinator ends transactions in partitions that are led here. Event loops call. */
final class WriteMarkersHandler extends PeerHandler {
    private final MetadataStore metadata;
    private final MarkerPort markers;

    /** @param markers of partitions that this broker leads */
    WriteMarkersHandler(MetadataStore metadata, MarkerPort markers, PeerRight right) {
        super(PenstockApi.WRITE_MARKERS, right);
        this.metadata = metadata;
        this.markers = markers;
    }

    @Override
    protected void serve(Call call, ByteBuffer body) {
        List<WriteMarkersRequest.Marker> asked =
                WriteMarkersRequest.read(body, call.version()).markers();
        Integer[] outcomes = new Integer[asked.size()];
        // One more than there are markers, for this loop. The last to count down sees all outcomes.
        AtomicInteger open = new AtomicInteger(asked.size() + 1);
        Runnable done = () -> {
            if (open.decrementAndGet() == 0) {
                call.reply(new MessageFrame(new WriteMarkersResponse(Arrays.asList(outcomes))));
            }
        };
        for (int i = 0; i < outcomes.length; i++) {
            int index = i;
            write(asked.get(i), outcome -> {
                outcomes[index] = MarkerOutcomes.number(outcome);
                done.run();
            });
        }
        done.run();
    }

    private void write(WriteMarkersRequest.Marker asked, java.util.function.Consumer<MarkerPort.Outcome> done) {
        String name =
                metadata.image().topic(asked.topicId()).map(TopicImage::name).orElse(null);
        if (name == null) {
            // The coordinator knows of it; so it will be heard of here, or not be led here.
            done.accept(MarkerPort.Outcome.FAILED);
            return;
        }
        markers.write(
                new TransactionPartition(asked.topicId(), name, asked.partition()),
                new MarkerPort.Marker(
                        new ProducerIdentity(asked.producerId(), asked.producerEpoch()),
                        asked.coordinatorEpoch(),
                        asked.commit(),
                        asked.transactionVersion()),
                done);
    }
}
