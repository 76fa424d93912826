package io.penstock.jms.session;

import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;

/** Rule 12: letters, digits, {@code _ . -}, up to 128 characters. */
final class SubscriptionName {
    private static final int LENGTH_MAX = 128;

    private SubscriptionName() {}

    static void check(String name) throws JMSException {
        if (name == null || name.isEmpty()) {
            throw new InvalidDestinationException("a subscription needs a name");
        }
        if (name.length() > LENGTH_MAX) {
            throw new InvalidDestinationException(
                    "the subscription name has " + name.length() + " characters; " + LENGTH_MAX + " are allowed");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!Character.isLetterOrDigit(c) && c != '_' && c != '.' && c != '-') {
                throw new InvalidDestinationException("the subscription name '" + name + "' has the character '" + c
                        + "'; letters, digits, '_', '.' and '-' are allowed");
            }
        }
    }
}
