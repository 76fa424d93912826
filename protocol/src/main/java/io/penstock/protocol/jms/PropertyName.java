package io.penstock.protocol.jms;

import java.util.Set;

/** Property names are identifiers of selectors (Messaging 3.1 §3.5.1, §3.8.1.1). */
public final class PropertyName {
    /** Provider-set or optional names that applications may read, and in part set. */
    public static final String GROUP_ID = "JMSXGroupID";

    public static final String GROUP_SEQ = "JMSXGroupSeq";
    public static final String DELIVERY_COUNT = "JMSXDeliveryCount";
    public static final String USER_ID = "JMSXUserID";
    public static final String APP_ID = "JMSXAppID";
    /** Chooses the partition of a send by hand; an instruction to the sender that does not travel. */
    public static final String PARTITION = "JMS_Penstock_Partition";
    /** The key of a foreign record that is not UTF-8, in base64. */
    public static final String KEY = "JMS_Penstock_Key";
    /** True on a message that was settled before, and comes again since an operator asked for a replay. */
    public static final String REPLAYED = "JMS_Penstock_Replayed";

    public static final int CHARS_MAX = 32_000;

    private static final Set<String> RESERVED_WORDS =
            Set.of("NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE");

    private PropertyName() {}

    /** @return null when {@code name} is a legal name, else why it is not */
    public static String fault(String name) {
        if (name == null || name.isEmpty()) {
            return "a property needs a name";
        }
        if (name.length() > CHARS_MAX) {
            return "a property name of " + name.length() + " characters; at most " + CHARS_MAX + " are allowed";
        }
        if (!Character.isJavaIdentifierStart(name.charAt(0))) {
            return "property name '" + name + "' does not begin with a letter, '_' or '$'";
        }
        for (int i = 1; i < name.length(); i++) {
            if (!Character.isJavaIdentifierPart(name.charAt(i))) {
                return "property name '" + name + "' has '" + name.charAt(i) + "' at " + i
                        + "; letters, digits, '_' and '$' are allowed";
            }
        }
        if (isReservedWord(name)) {
            return "property name '" + name + "' is a reserved word of selectors";
        }
        return null;
    }

    /** In capitals, as the specification lists them: applications do name properties {@code true} or {@code in}. */
    static boolean isReservedWord(String name) {
        return RESERVED_WORDS.contains(name);
    }

    /**
     * The property name of a header that others wrote: what is no part of an identifier becomes an underscore, and a name
     * that is reserved or does not begin like one gets one in front. {@code content-type} is {@code content_type}.
     */
    public static String ofHeader(String header) {
        if (fault(header) == null && !header.startsWith("JMS")) {
            return header;
        }
        StringBuilder name = new StringBuilder(header.length() + 1);
        for (int i = 0; i < header.length(); i++) {
            char c = header.charAt(i);
            name.append(Character.isJavaIdentifierPart(c) ? c : '_');
        }
        if (name.length() == 0
                || !Character.isJavaIdentifierStart(name.charAt(0))
                || isReservedWord(header)
                || header.startsWith("JMS") && !isKnownJms(header)) {
            name.insert(0, '_');
        }
        return name.length() > CHARS_MAX ? name.substring(0, CHARS_MAX) : name.toString();
    }

    /** Whether an application may use the name, which begins with {@code JMS}. */
    public static boolean isKnownJms(String name) {
        return name.startsWith("JMS_") || isJmsx(name);
    }

    public static boolean isJmsx(String name) {
        return switch (name) {
            case GROUP_ID, GROUP_SEQ, DELIVERY_COUNT, USER_ID, APP_ID -> true;
            default -> name.startsWith("JMSX") && name.length() > 4;
        };
    }
}
