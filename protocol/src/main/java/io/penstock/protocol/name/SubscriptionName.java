package io.penstock.protocol.name;

/**
 * Names of subscriptions (Messaging 3.1 §4.2.4): letters, digits, {@code _ . -} and 128 characters every provider takes.
 * This one takes other characters too, and {@value #CHARS_MAX} of them.
 */
public final class SubscriptionName {
    public static final int CHARS_MAX = 255;

    private SubscriptionName() {}

    /** @throws InvalidNameException when there can be no such subscription */
    public static void check(String name) {
        if (name == null || name.isEmpty()) {
            throw new InvalidNameException("a subscription needs a name");
        }
        if (name.length() > CHARS_MAX) {
            throw new InvalidNameException(
                    "a subscription name of " + name.length() + " characters; at most " + CHARS_MAX + " are allowed");
        }
        for (int i = 0; i < name.length(); i++) {
            if (Character.isISOControl(name.charAt(i)) || Character.isSurrogate(name.charAt(i))) {
                throw new InvalidNameException("subscription name '" + name + "' has a character at " + i
                        + " that is not allowed: U+" + Integer.toHexString(name.charAt(i)));
            }
        }
    }
}
