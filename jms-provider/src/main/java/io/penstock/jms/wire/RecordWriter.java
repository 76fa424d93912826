package io.penstock.jms.wire;

import io.penstock.jms.client.OutgoingMessage;
import io.penstock.protocol.record.RecordBatchBuilder;
import jakarta.jms.JMSException;

/** Writes a message as a record. */
interface RecordWriter {
    void write(OutgoingMessage message, RecordBatchBuilder batch) throws JMSException;
}
