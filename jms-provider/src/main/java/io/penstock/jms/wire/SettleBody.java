package io.penstock.jms.wire;

import io.penstock.jms.client.OffsetRanges;
import io.penstock.jms.client.Settlements;
import io.penstock.jms.client.Settlements.Outcome;
import io.penstock.jms.transport.FrameBody;
import java.nio.ByteBuffer;

/**
 * A {@link io.penstock.protocol.message.SettleRequest} as it travels, written straight from what the session says: in AUTO
 * there is one for each message.
 */
record SettleBody(int sessionId, long sequence, boolean wantReply, Settlements settlements) implements FrameBody {
    private static final int HEAD_BYTES = Integer.BYTES + Long.BYTES + Byte.BYTES;
    private static final int MARK_BYTES = 3 * Integer.BYTES;
    private static final int SETTLEMENT_BYTES = MARK_BYTES + Byte.BYTES;
    private static final int RANGE_BYTES = 2 * Long.BYTES;

    @Override
    public int sizeBytes() {
        int bytes = HEAD_BYTES + 2 * Integer.BYTES;
        for (Settlements.Entry entry : settlements.entries()) {
            bytes += isMark(entry) ? MARK_BYTES : SETTLEMENT_BYTES;
            bytes += entry.ranges().size() * RANGE_BYTES;
        }
        return bytes;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(sessionId).putLong(sequence).put((byte) (wantReply ? 1 : 0));
        int marks = 0;
        for (Settlements.Entry entry : settlements.entries()) {
            marks += isMark(entry) ? 1 : 0;
        }
        dst.putInt(marks);
        writeAll(dst, true);
        dst.putInt(settlements.entries().size() - marks);
        writeAll(dst, false);
    }

    private void writeAll(ByteBuffer dst, boolean marks) {
        for (Settlements.Entry entry : settlements.entries()) {
            if (isMark(entry) != marks) {
                continue;
            }
            dst.putInt(entry.consumerId()).putInt(entry.partition());
            if (!marks) {
                dst.put(SettlementCodec.disposition(entry.outcome()).code());
            }
            OffsetRanges ranges = entry.ranges();
            dst.putInt(ranges.size());
            for (int i = 0; i < ranges.size(); i++) {
                dst.putLong(ranges.first(i)).putLong(ranges.last(i));
            }
        }
    }

    private static boolean isMark(Settlements.Entry entry) {
        return entry.outcome() == Outcome.MARKED;
    }
}
