package io.penstock.jms.session;

import io.penstock.jms.client.DestinationKind;
import jakarta.jms.*;

final class Destinations {
    record Name(String name, DestinationKind kind, int partitions) {}

    static Queue queue(String name) {
        throw new UnsupportedOperationException();
    }

    static Topic topic(String name) {
        throw new UnsupportedOperationException();
    }

    static Name nameOf(Destination d) {
        throw new UnsupportedOperationException();
    }
}
