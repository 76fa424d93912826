package io.penstock.protocol.name;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Percent-escapes: all but {@code A-Z a-z 0-9 . _ -} becomes {@code %XX} for each byte of its UTF-8. */
final class Escape {
    private static final String HEX = "0123456789ABCDEF";

    private Escape() {}

    static boolean isPlain(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-';
    }

    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 8);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b > 0 && isPlain((char) b)) {
                escaped.append((char) b);
            } else {
                escaped.append('%').append(HEX.charAt(b >> 4 & 0xf)).append(HEX.charAt(b & 0xf));
            }
        }
        return escaped.toString();
    }

    /** @throws InvalidNameException when {@code text} is not what {@link #escape} makes */
    static String unescape(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%' && i + 2 < text.length()) {
                int high = HEX.indexOf(text.charAt(i + 1));
                int low = HEX.indexOf(text.charAt(i + 2));
                if (high >= 0 && low >= 0) {
                    bytes.write(high << 4 | low);
                    i += 2;
                    continue;
                }
            } else if (isPlain(c)) {
                bytes.write(c);
                continue;
            }
            throw new InvalidNameException("'" + text + "' is not percent-escaped");
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
