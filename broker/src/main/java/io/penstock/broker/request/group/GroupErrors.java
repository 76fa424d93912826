package io.penstock.broker.request.group;

import io.penstock.broker.group.GroupError;
import org.apache.kafka.common.protocol.Errors;

/** The one place where the coordinator's errors become Kafka's. */
final class GroupErrors {
    private GroupErrors() {}

    static Errors of(GroupError error) {
        return Errors.valueOf(error.name());
    }

    static short code(GroupError error) {
        return of(error).code();
    }
}
