package io.penstock.jms.session;

import jakarta.jms.*;

final class Messages {
    static BytesMessage bytes() {
        throw new UnsupportedOperationException();
    }

    static MapMessage map() {
        throw new UnsupportedOperationException();
    }

    static Message plain() {
        throw new UnsupportedOperationException();
    }

    static ObjectMessage object() {
        throw new UnsupportedOperationException();
    }

    static StreamMessage stream() {
        throw new UnsupportedOperationException();
    }

    static TextMessage text() {
        throw new UnsupportedOperationException();
    }

    static Message own(Message m) {
        return m;
    }
}
