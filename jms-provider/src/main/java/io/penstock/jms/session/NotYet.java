package io.penstock.jms.session;

import jakarta.jms.JMSException;

/** What is refused by name until it is there. */
final class NotYet {
    static final String ERROR_CODE = "PENSTOCK-NOT-YET";

    private NotYet() {}

    static JMSException deliveryDelay() {
        return refusal("delivery delay", "leave it at 0");
    }

    private static JMSException refusal(String what, String instead) {
        return new JMSException(
                what + ": not supported by this version of Penstock; it comes with the next one. Meanwhile, " + instead,
                ERROR_CODE);
    }
}
