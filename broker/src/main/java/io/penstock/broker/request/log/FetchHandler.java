package io.penstock.broker.request.log;

import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.request.KafkaHandler;
import java.util.List;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchRequest;

/** Fetch: finds the session, and lets a {@link ParkedFetch} read, wait and answer. */
final class FetchHandler implements KafkaHandler<FetchRequest> {
    private static final short BY_ID = 13;
    /** An empty answer earlier than asked for does no harm; a fetch parked for a dead connection must not stay. */
    private static final int WAIT_MILLIS_MAX = 60_000;

    private final MetadataStore store;
    private final Partitions partitions;
    private final FetchSessions sessions;
    private final int bytesMax;

    FetchHandler(MetadataStore store, Partitions partitions, FetchSessions sessions, int bytesMax) {
        this.store = store;
        this.partitions = partitions;
        this.sessions = sessions;
        this.bytesMax = bytesMax;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.FETCH;
    }

    @Override
    public void handle(Call call, FetchRequest request) {
        FetchMetadata metadata = request.metadata();
        boolean byId = call.version() >= BY_ID;
        if (metadata.isFull()) {
            if (metadata.sessionId() != FetchMetadata.INVALID_SESSION_ID) {
                sessions.end(metadata.sessionId());
            }
            FetchSession created = metadata.epoch() == FetchMetadata.INITIAL_EPOCH ? sessions.create(byId) : null;
            List<FetchPosition> positions =
                    created == null ? FetchSession.positions(request.data(), byId) : created.apply(request.data());
            fetch(call, request, created, positions, false);
            return;
        }
        FetchSession session = sessions.find(metadata.sessionId());
        Errors refusal = session == null
                ? Errors.FETCH_SESSION_ID_NOT_FOUND
                : session.byId() != byId
                        ? Errors.FETCH_SESSION_TOPIC_ID_ERROR
                        : session.advance(metadata.epoch()) ? Errors.NONE : Errors.INVALID_FETCH_SESSION_EPOCH;
        if (refusal == Errors.NONE) {
            fetch(call, request, session, session.apply(request.data()), true);
        } else {
            call.reply(new FetchResponseData().setErrorCode(refusal.code()));
        }
    }

    private void fetch(
            Call call, FetchRequest request, FetchSession session, List<FetchPosition> positions, boolean incremental) {
        new ParkedFetch(
                        call,
                        new ParkedFetch.Terms(
                                Math.min(Math.max(0, request.maxBytes()), bytesMax),
                                request.minBytes(),
                                Math.min(Math.max(0, request.maxWait()), WAIT_MILLIS_MAX),
                                request.isolationLevel() == IsolationLevel.READ_COMMITTED,
                                incremental),
                        session,
                        positions,
                        store.image(),
                        partitions)
                .run();
    }
}
