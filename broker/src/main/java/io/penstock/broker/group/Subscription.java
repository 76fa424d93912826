package io.penstock.broker.group;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/** The beginning of what consumers tell their leader: {@code version int16 | topics array of string | ...}. */
final class Subscription {
    /** The protocol type whose metadata has this form. */
    static final String PROTOCOL_TYPE = "consumer";

    private Subscription() {}

    /** Topics that are named, or null when the bytes do not have the form: other clients may use their own. */
    static Set<String> topics(byte[] metadata) {
        try {
            ByteBuffer in = ByteBuffer.wrap(metadata);
            if (in.getShort() < 0) {
                return null;
            }
            int count = in.getInt();
            Set<String> topics = new HashSet<>();
            for (int i = 0; i < count; i++) {
                int length = in.getShort();
                if (length < 0 || length > in.remaining()) {
                    return null;
                }
                topics.add(new String(metadata, in.position(), length, StandardCharsets.UTF_8));
                in.position(in.position() + length);
            }
            return topics;
        } catch (BufferUnderflowException e) {
            return null;
        }
    }
}
