package io.penstock.protocol.record;

/** What a batch must be before it is believed. Each check throws an {@link InvalidBatchException} that names the fault. */
public final class BatchValidator {

    private BatchValidator() {}

    /** For what a disk or a peer gives back: checksum, and header fields that cannot be. Records are not looked at. */
    public static void checkStored(RecordBatch batch) {
        if (!batch.crcFits()) {
            throw InvalidBatchException.corrupt("checksum does not fit: " + batch);
        }
        int count = batch.count();
        int lastOffsetDelta = batch.lastOffsetDelta();
        if (count < 0 || lastOffsetDelta < 0 || count - 1 > lastOffsetDelta) {
            throw invalid(count + " records, last offset delta " + lastOffsetDelta);
        }
        if (batch.baseOffset() < 0 || batch.baseOffset() > Long.MAX_VALUE - lastOffsetDelta - 1) {
            throw invalid("base offset is " + batch.baseOffset());
        }
    }

    /**
     * For what a producer sends: all that {@link #checkStored} checks, and that it is a data batch with as many offsets
     * as records, each record well formed and in its place.
     *
     * @param keysRequired whether a record without a key is a fault, as in a compacted topic
     * @param decompressedBytesMax the most that the records may take after decompression
     */
    public static void checkProduced(RecordBatch batch, boolean keysRequired, int decompressedBytesMax) {
        checkStored(batch);
        if (batch.control()) {
            throw invalid("clients may not send control batches");
        }
        if ((batch.attributes() & ~(RecordBatch.KNOWN_ATTRIBUTES & ~RecordBatch.DELETE_HORIZON_BIT)) != 0) {
            throw invalid("attributes are 0x" + Integer.toHexString(batch.attributes() & 0xffff));
        }
        if (batch.logAppendTime()) {
            throw invalid("only the broker stamps the log's time");
        }
        int count = batch.count();
        if (count == 0 || batch.lastOffsetDelta() != count - 1) {
            throw invalid(count + " records, last offset delta " + batch.lastOffsetDelta());
        }
        if (batch.head() && count != 1) {
            throw invalid("the head of a large message among " + count + " records");
        }
        if (batch.hasProducerId()) {
            if (batch.producerId() < 0 || batch.producerEpoch() < 0 || batch.baseSequence() < 0) {
                throw invalid(
                        "producer is " + batch.producerId() + "/" + batch.producerEpoch() + "/" + batch.baseSequence());
            }
        } else if (batch.transactional()) {
            throw invalid("a transaction without a producer id");
        }
        checkRecords(batch, keysRequired, decompressedBytesMax);
    }

    private static void checkRecords(RecordBatch batch, boolean keysRequired, int decompressedBytesMax) {
        RecordCursor cursor = new RecordCursor().open(batch, decompressedBytesMax);
        Record record = cursor.record();
        HeaderCursor headers = new HeaderCursor();
        long expected = batch.baseOffset();
        while (cursor.next()) {
            if (record.offset() != expected) {
                throw invalid("record " + (expected - batch.baseOffset()) + " has offset delta "
                        + (record.offset() - batch.baseOffset()));
            }
            if (keysRequired && !record.hasKey()) {
                throw invalid("record " + (expected - batch.baseOffset()) + " has no key, and the topic is compacted");
            }
            headers.open(record);
            headers.skipAll();
            expected++;
        }
    }

    private static InvalidBatchException invalid(String message) {
        return InvalidBatchException.invalid(message);
    }
}
