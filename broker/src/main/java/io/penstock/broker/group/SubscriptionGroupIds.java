package io.penstock.broker.group;

import java.nio.charset.StandardCharsets;

/**
 * Group ids of subscriptions: {@code clientID/name}, each percent-escaped but for letters, digits, {@code . _ -}, so
 * that the slash is always the one between them. Stateless.
 */
public final class SubscriptionGroupIds {
    private static final String HEX = "0123456789ABCDEF";

    private SubscriptionGroupIds() {}

    public static String unshared(String clientId, String name) {
        StringBuilder id = new StringBuilder(clientId.length() + name.length() + 1);
        escape(clientId, id);
        id.append('/');
        escape(name, id);
        return id.toString();
    }

    private static void escape(String text, StringBuilder into) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "._-".indexOf(c) >= 0) {
                into.append(c);
            } else {
                into.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            }
        }
    }
}
