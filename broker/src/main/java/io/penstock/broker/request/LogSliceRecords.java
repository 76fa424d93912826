package io.penstock.broker.request;

import io.penstock.storage.log.LogSlice;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;

/**
 * A slice of a log as the records of a fetch response: the wire sends it from the file, or copies it. Whoever encodes
 * the response, or drops it ({@link #release}), closes the slice.
 */
public final class LogSliceRecords implements BaseRecords, AutoCloseable {
    private final LogSlice slice;

    public LogSliceRecords(LogSlice slice) {
        this.slice = slice;
    }

    public LogSlice slice() {
        return slice;
    }

    @Override
    public int sizeInBytes() {
        return slice.sizeBytes();
    }

    /** Kafka's own network code is not used. */
    @Override
    public RecordsSend<? extends BaseRecords> toSend() {
        throw new UnsupportedOperationException("a log slice is sent by the wire");
    }

    @Override
    public void close() {
        slice.close();
    }

    /** Closes the slices of a response that will not be encoded. */
    public static void release(ApiMessage response) {
        if (response instanceof FetchResponseData fetch) {
            for (FetchableTopicResponse topic : fetch.responses()) {
                for (PartitionData partition : topic.partitions()) {
                    if (partition.records() instanceof LogSliceRecords records) {
                        records.close();
                    }
                }
            }
        }
    }
}
