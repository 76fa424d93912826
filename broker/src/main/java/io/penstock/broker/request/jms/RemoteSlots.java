package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.OffsetRanges;
import io.penstock.protocol.message.AcquiredRange;
import io.penstock.protocol.message.CreditRequest;
import io.penstock.protocol.message.DeliverPush;
import io.penstock.protocol.message.DetachRequest;
import io.penstock.protocol.message.OffsetRange;
import io.penstock.protocol.message.PartitionRanges;
import io.penstock.protocol.message.PenstockApi;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A consumer's partitions that other brokers lead. Its credit is split over them, at least one message for each, so that
 * none is left out; what comes beyond what the client can take waits here, and goes first when it can take more. The
 * connection's owner.
 */
final class RemoteSlots {
    private static final int SHARE_BYTES_MIN = 64 << 10;

    private final JmsConsumer consumer;
    private final List<Part> parts = new ArrayList<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private boolean ended;

    /** What one broker leads. */
    private static final class Part {
        final Relay relay;
        final List<Integer> partitions;
        long grantedMessages;
        long grantedBytes;

        Part(Relay relay, List<Integer> partitions) {
            this.relay = relay;
            this.partitions = partitions;
        }
    }

    private record Waiting(int partition, List<AcquiredRange> acquired, int messages, ByteBuffer push) {}

    RemoteSlots(JmsConsumer consumer) {
        this.consumer = consumer;
    }

    void add(Relay relay, List<Integer> partitions) {
        parts.add(new Part(relay, partitions));
    }

    int count() {
        return parts.size();
    }

    /** Null for a partition that this broker leads. */
    Relay relay(int partition) {
        for (Part part : parts) {
            if (part.partitions.contains(partition)) {
                return part.relay;
            }
        }
        return null;
    }

    /** Another broker has come to lead one of the partitions. */
    boolean hasMoved(CommitRoutes routes) {
        for (Part part : parts) {
            for (int partition : part.partitions) {
                int leader = partition == AttachHandler.CLAIM
                        ? routes.subscriptionsLeader()
                        : routes.leader(consumer.source().topicId(), partition);
                if (leader != CommitRoutes.NOBODY && leader != part.relay.broker()) {
                    return !ended;
                }
            }
        }
        return false;
    }

    boolean uses(Relay relay) {
        for (Part part : parts) {
            if (part.relay == relay) {
                return !ended;
            }
        }
        return false;
    }

    void start() {
        parts.forEach(part -> part.relay.listen());
        grant(0);
    }

    void pushed(Relay relay, DeliverPush deliver, ByteBuffer push) {
        int messages = 0;
        for (AcquiredRange range : deliver.acquired()) {
            messages += (int) range.count();
        }
        for (Part part : parts) {
            if (part.relay == relay) {
                part.grantedMessages -= messages;
                part.grantedBytes -= deliver.batches().remaining();
            }
        }
        if (ended) {
            return; // The session's end, or Hold, gives it back.
        }
        waiting.add(new Waiting(deliver.partition(), deliver.acquired(), messages, Relays.copy(push)));
        forward();
    }

    private void forward() {
        SharedCredit credit = consumer.credit();
        while (!waiting.isEmpty() && credit.messages() > 0 && credit.bytes() > 0) {
            Waiting next = waiting.poll();
            credit.take(next.messages(), next.push().remaining());
            consumer.session().connection().push(new BytesFrame(next.push()));
        }
    }

    /** The client can take more. */
    void credit() {
        forward();
        grant(0);
    }

    /** Each broker pushes what it has, up to its part of the credit, and says when that is done. */
    void drain(int drainId) {
        forward();
        grant(drainId);
    }

    private void grant(int drainId) {
        SharedCredit credit = consumer.credit();
        boolean room = credit.messages() > 0 && credit.bytes() > 0 && waiting.isEmpty() && !ended;
        int messagesEach = Math.max(1, credit.messages() / Math.max(1, parts.size()));
        int bytesEach = Math.max(SHARE_BYTES_MIN, credit.bytes() / Math.max(1, parts.size()));
        for (Part part : parts) {
            int messages = room ? (int) Math.max(0, messagesEach - part.grantedMessages) : 0;
            int bytes = room ? (int) Math.max(0, bytesEach - part.grantedBytes) : 0;
            // Small steps are not worth a request each.
            boolean worth = part.grantedMessages <= messagesEach / 2 || part.grantedBytes <= bytesEach / 2;
            if (drainId != 0 || (worth && (messages > 0 || bytes > 0))) {
                part.grantedMessages += messages;
                part.grantedBytes += bytes;
                CreditRequest request = new CreditRequest(consumer.id(), messages, bytes, drainId);
                part.relay.ask(PenstockApi.CREDIT, request, body -> {}, failure -> {});
            }
        }
    }

    /** What waits here has been handed to nobody. */
    private Map<Integer, OffsetRanges> takeWaiting() {
        Map<Integer, OffsetRanges> taken = new HashMap<>();
        for (Waiting each : waiting) {
            OffsetRanges ranges = taken.computeIfAbsent(each.partition(), made -> new OffsetRanges());
            each.acquired().forEach(range -> ranges.add(range.first(), range.last()));
        }
        waiting.clear();
        return taken;
    }

    /**
     * Takes the consumer off the other brokers' partitions.
     *
     * @param neverHandedOut what the client gives back, by partition
     */
    void detach(Map<Integer, OffsetRanges> neverHandedOut) {
        if (ended) {
            return;
        }
        ended = true;
        Map<Integer, OffsetRanges> release = takeWaiting();
        neverHandedOut.forEach(
                (partition, ranges) -> release.merge(partition, ranges, (waited, given) -> new OffsetRanges()
                        .addAll(waited)
                        .addAll(given)));
        for (Part part : parts) {
            List<PartitionRanges> ofPart = new ArrayList<>();
            for (int partition : part.partitions) {
                OffsetRanges ranges = release.get(partition);
                if (ranges != null && !ranges.isEmpty()) {
                    ofPart.add(new PartitionRanges(partition, pairs(ranges)));
                }
            }
            DetachRequest request = new DetachRequest(consumer.session().id(), consumer.id(), ofPart);
            part.relay.ask(PenstockApi.DETACH, request, body -> {}, failure -> {});
        }
    }

    /** The client comes back under the same id, by another socket: the other brokers hear of that. */
    void replaced() {
        ended = true;
        waiting.clear();
    }

    static List<OffsetRange> pairs(OffsetRanges ranges) {
        List<OffsetRange> pairs = new ArrayList<>(ranges.size());
        for (int i = 0; i < ranges.size(); i++) {
            pairs.add(new OffsetRange(ranges.first(i), ranges.last(i)));
        }
        return pairs;
    }
}
