package io.penstock.broker.request.cluster;

import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataException.Reason;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.request.PeerHandler;
import io.penstock.broker.request.PeerRight;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.UpdatePartitionsRequest;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionException;

/** The controller's word to this broker. Stateless; event loops call. */
public final class UpdatePartitionsHandler extends PeerHandler {
    private final MetadataStore metadata;

    public UpdatePartitionsHandler(MetadataStore metadata, PeerRight right) {
        super(PenstockApi.UPDATE_PARTITIONS, right);
        this.metadata = metadata;
    }

    @Override
    protected void serve(Call call, ByteBuffer body) {
        metadata.update(UpdatePartitionsRequest.read(body, call.version())).whenComplete((done, failure) -> {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (cause == null) {
                call.reply(null);
            } else if (cause instanceof MetadataException refused && refused.reason() == Reason.STALE) {
                call.fail(PenstockError.FENCED, refused.getMessage());
            } else {
                call.fail(PenstockError.INTERNAL, String.valueOf(cause.getMessage()));
            }
        });
    }
}
