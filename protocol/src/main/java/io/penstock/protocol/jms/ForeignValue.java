package io.penstock.protocol.jms;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What a record that JMS did not send is to JMS: nothing for a null value; text when a {@code content-type} header says
 * so, or, without that header, when the value is UTF-8 without control characters other than tab and line ends; else bytes.
 */
public final class ForeignValue {
    public static final String CONTENT_TYPE = "content-type";

    private ForeignValue() {}

    /**
     * @param value null for none
     * @param contentType null for none
     */
    public static BodyKind kindOf(ByteBuffer value, String contentType) {
        if (value == null) {
            return BodyKind.MESSAGE;
        }
        if (contentType != null) {
            return isText(contentType) && strictText(value) != null ? BodyKind.TEXT : BodyKind.BYTES;
        }
        return looksLikeText(value) ? BodyKind.TEXT : BodyKind.BYTES;
    }

    private static boolean isText(String contentType) {
        String type = contentType.toLowerCase(Locale.ROOT);
        int semicolon = type.indexOf(';');
        type = (semicolon < 0 ? type : type.substring(0, semicolon)).trim();
        return type.startsWith("text/")
                || type.equals("application/json")
                || type.equals("application/xml")
                || type.endsWith("+json")
                || type.endsWith("+xml");
    }

    private static boolean looksLikeText(ByteBuffer value) {
        boolean ascii = true;
        for (int i = value.position(); i < value.limit(); i++) {
            byte b = value.get(i);
            if (b >= 0 && b < 0x20 && b != '\t' && b != '\n' && b != '\r' || b == 0x7f) {
                return false;
            }
            ascii &= b >= 0;
        }
        return ascii || strictText(value) != null;
    }

    /** @return the text of {@code utf8}, whose position stays, or null when it is not UTF-8 */
    public static String strictText(ByteBuffer utf8) {
        if (isAscii(utf8)) {
            return text(utf8);
        }
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(utf8.duplicate());
            return text.toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** @return the text of {@code utf8}, whose position stays; what is not UTF-8 becomes replacement characters */
    public static String text(ByteBuffer utf8) {
        int length = utf8.remaining();
        if (utf8.hasArray()) {
            return new String(utf8.array(), utf8.arrayOffset() + utf8.position(), length, StandardCharsets.UTF_8);
        }
        byte[] bytes = new byte[length];
        utf8.get(utf8.position(), bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static boolean isAscii(ByteBuffer bytes) {
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            if (bytes.get(i) < 0) {
                return false;
            }
        }
        return true;
    }
}
