package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.OffsetRanges;
import io.penstock.broker.delivery.SessionKey;
import io.penstock.broker.transaction.CommitRecord;
import io.penstock.protocol.message.CommitId;
import io.penstock.protocol.message.CommitSend;
import io.penstock.protocol.message.CommitSettle;
import io.penstock.protocol.message.OffsetRange;
import io.penstock.protocol.message.SendEntry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Commits as records of the home's log and as messages between brokers. */
final class CommitMessages {
    private static final ByteBuffer NO_HEAD = ByteBuffer.allocate(0);

    private CommitMessages() {}

    static CommitId id(CommitRecord record) {
        return new CommitId(record.session().connection(), record.session().session(), record.sequence());
    }

    static SessionKey session(CommitId id) {
        return new SessionKey(id.connection(), id.session());
    }

    /** Shares the batches. */
    static CommitRecord record(CommitId id, List<SendEntry> entries, List<CommitSettle> settles) {
        List<CommitRecord.Send> sends = new ArrayList<>(entries.size());
        for (SendEntry entry : entries) {
            sends.add(send(entry));
        }
        List<CommitRecord.Settle> accepted = new ArrayList<>(settles.size());
        for (CommitSettle settle : settles) {
            accepted.add(new CommitRecord.Settle(
                    settle.topicId(),
                    settle.partition(),
                    settle.groupId(),
                    settle.incarnation(),
                    ranges(settle.ranges())));
        }
        return new CommitRecord(session(id), id.sequence(), sends, accepted);
    }

    static CommitRecord.Send send(SendEntry entry) {
        return new CommitRecord.Send(entry.topicId(), entry.partition(), entry.batch());
    }

    static SendEntry entry(CommitRecord.Send send) {
        return new SendEntry(send.topicId(), send.partition(), send.batch().duplicate());
    }

    static List<SendEntry> entries(List<CommitRecord.Send> sends) {
        return sends.stream().map(CommitMessages::entry).toList();
    }

    static CommitSend header(CommitRecord.Send send) {
        return new CommitSend(
                send.topicId(),
                send.partition(),
                ClientBatches.producerId(send.batch()),
                ClientBatches.producerEpoch(send.batch()),
                ClientBatches.baseSequence(send.batch()),
                ClientBatches.lastSequence(send.batch()),
                send.batch().remaining(),
                ClientBatches.isHead(send.batch()) ? send.batch().duplicate() : NO_HEAD);
    }

    static CommitSettle settle(CommitRecord.Settle settle) {
        return new CommitSettle(
                settle.topicId(),
                settle.partition(),
                settle.groupId(),
                settle.incarnation(),
                ranges(settle.accepted()));
    }

    static List<CommitSettle> settles(List<CommitRecord.Settle> settles) {
        return settles.stream().map(CommitMessages::settle).toList();
    }

    static OffsetRanges ranges(List<OffsetRange> ranges) {
        OffsetRanges all = new OffsetRanges();
        ranges.forEach(range -> all.add(range.first(), range.last()));
        return all;
    }

    private static List<OffsetRange> ranges(OffsetRanges ranges) {
        List<OffsetRange> all = new ArrayList<>(ranges.size());
        for (int i = 0; i < ranges.size(); i++) {
            all.add(new OffsetRange(ranges.first(i), ranges.last(i)));
        }
        return all;
    }
}
