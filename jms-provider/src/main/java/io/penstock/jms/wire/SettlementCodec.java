package io.penstock.jms.wire;

import io.penstock.jms.client.OffsetRanges;
import io.penstock.jms.client.Settlements;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.Mark;
import io.penstock.protocol.message.OffsetRange;
import io.penstock.protocol.message.Settlement;
import java.util.ArrayList;
import java.util.List;

/** The wire's words for what a session says of its messages. */
final class SettlementCodec {
    private SettlementCodec() {}

    static List<Mark> marks(Settlements settlements) {
        List<Mark> marks = List.of();
        for (Settlements.Entry entry : settlements.entries()) {
            if (entry.outcome() == Settlements.Outcome.MARKED) {
                marks = marks.isEmpty() ? new ArrayList<>() : marks;
                marks.add(new Mark(entry.consumerId(), entry.partition(), ranges(entry.ranges())));
            }
        }
        return marks;
    }

    static List<Settlement> settlements(Settlements settlements) {
        List<Settlement> result = new ArrayList<>(settlements.entries().size());
        for (Settlements.Entry entry : settlements.entries()) {
            if (entry.outcome() != Settlements.Outcome.MARKED) {
                result.add(new Settlement(
                        entry.consumerId(), entry.partition(), disposition(entry.outcome()), ranges(entry.ranges())));
            }
        }
        return result;
    }

    static Disposition disposition(Settlements.Outcome outcome) {
        return switch (outcome) {
            case ACCEPTED -> Disposition.ACCEPT;
            case RELEASED -> Disposition.RELEASE;
            case RELEASED_COUNTED -> Disposition.RELEASE_COUNTED;
            case MARKED -> throw new IllegalArgumentException("a mark settles nothing");
        };
    }

    static List<OffsetRange> ranges(OffsetRanges ranges) {
        if (ranges.size() == 1) {
            return List.of(new OffsetRange(ranges.first(0), ranges.last(0))); // AUTO: a frame for each message.
        }
        List<OffsetRange> result = new ArrayList<>(ranges.size());
        for (int i = 0; i < ranges.size(); i++) {
            result.add(new OffsetRange(ranges.first(i), ranges.last(i)));
        }
        return result;
    }
}
