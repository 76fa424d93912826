package io.penstock.jms.wire;

import io.penstock.jms.client.Acknowledger;
import io.penstock.protocol.record.Record;
import jakarta.jms.JMSException;
import jakarta.jms.Message;

/** Makes a message of a record. */
interface RecordReader {
    Message read(Record record, WireTarget target, int deliveryCount, Acknowledger acknowledger) throws JMSException;
}
