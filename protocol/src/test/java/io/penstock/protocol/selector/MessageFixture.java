package io.penstock.protocol.selector;

import io.penstock.protocol.jms.BodyKind;
import io.penstock.protocol.jms.MessageTypes;
import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.protocol.record.RecordCursor;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Records as our client writes them, or as others do. */
final class MessageFixture {
    static final long TIMESTAMP = 1_700_000_000_000L;

    private MessageFixture() {}

    /** A message with these properties; a name that begins with {@code JMS} and no {@code JMSX} is a header. */
    static Record sent(Object... namesAndValues) {
        Map<String, Object> properties = new LinkedHashMap<>();
        Map<String, String> headers = new LinkedHashMap<>();
        byte[] key = null;
        for (int i = 0; i < namesAndValues.length; i += 2) {
            String name = (String) namesAndValues[i];
            if (name.equals("JMSXGroupID")) {
                key = utf8((String) namesAndValues[i + 1]);
            } else if (name.startsWith("JMS") && !name.startsWith("JMSX") && !name.startsWith("JMS_")) {
                headers.put(name, (String) namesAndValues[i + 1]);
            } else {
                properties.put(name, namesAndValues[i + 1]);
            }
        }
        RecordBatchBuilder builder = new RecordBatchBuilder(256).start(Compression.NONE);
        builder.beginRecord(TIMESTAMP).key(key).value(utf8("body"));
        builder.header("penstock.types", MessageTypes.format(BodyKind.TEXT, properties));
        headers.forEach(builder::header);
        properties.forEach((name, value) -> builder.header(name, value == null ? null : value.toString()));
        builder.endRecord();
        return only(builder);
    }

    /** A record of a Kafka producer: names and values as strings or bytes. */
    static Record foreign(byte[] key, Object... namesAndValues) {
        RecordBatchBuilder builder = new RecordBatchBuilder(256).start(Compression.NONE);
        builder.beginRecord(TIMESTAMP).key(key).value(utf8("body"));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Object value = namesAndValues[i + 1];
            builder.header(utf8((String) namesAndValues[i]), value instanceof byte[] raw ? raw : utf8((String) value));
        }
        builder.endRecord();
        return only(builder);
    }

    private static Record only(RecordBatchBuilder builder) {
        RecordCursor cursor = new RecordCursor().open(RecordBatch.of(builder.build()), 0);
        cursor.next();
        return cursor.record();
    }

    private static byte[] utf8(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    static boolean matches(String selector, Record record) {
        try {
            return new SelectorMatcher(Selector.compile(selector), "orders", 3).matches(record);
        } catch (SelectorSyntaxException e) {
            throw new AssertionError(selector, e);
        }
    }
}
