package io.penstock.jms.message;

import java.io.ObjectInputFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which classes an ObjectMessage may bring to life. Always allowed are primitives, arrays of what is allowed, and the
 * classes directly in {@code java.lang}, {@code java.util}, {@code java.math} and {@code java.time}; all others must be
 * named by {@code jms.deserializationAllowList}: classes and packages, separated by commas, a package standing for what is
 * below it; {@code *} for everything. Depth, number and array length are limited whatever is named. Immutable.
 */
public final class DeserializationPolicy {
    /** Only what is always allowed. */
    public static final DeserializationPolicy STRICT = of(null);

    private static final Set<String> ALWAYS = Set.of("java.lang", "java.util", "java.math", "java.time");
    private static final long DEPTH_MAX = 200;
    private static final long REFERENCES_MAX = 5_000_000;

    private final List<String> allowed;
    private final boolean everything;

    private DeserializationPolicy(List<String> allowed, boolean everything) {
        this.allowed = allowed;
        this.everything = everything;
    }

    /** @param allowList the option's text, or null for none */
    public static DeserializationPolicy of(String allowList) {
        List<String> allowed = new ArrayList<>();
        boolean everything = false;
        for (String entry : allowList == null ? new String[0] : allowList.split(",")) {
            String name = entry.strip();
            if (name.equals("*")) {
                everything = true;
            } else if (!name.isEmpty()) {
                allowed.add(name.endsWith(".*") ? name.substring(0, name.length() - 2) : name);
            }
        }
        return new DeserializationPolicy(List.copyOf(allowed), everything);
    }

    boolean allows(Class<?> type) {
        Class<?> element = type;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        return everything || element.isPrimitive() || ALWAYS.contains(element.getPackageName()) || isNamed(element);
    }

    private boolean isNamed(Class<?> type) {
        String name = type.getName();
        for (String entry : allowed) {
            if (name.startsWith(entry)
                    && (name.length() == entry.length()
                            || name.charAt(entry.length()) == '.'
                            || name.charAt(entry.length()) == '$')) {
                return true;
            }
        }
        return false;
    }

    /** @param bodyBytes no array of the body can have more elements */
    ObjectInputFilter filter(int bodyBytes) {
        return info -> {
            if (info.depth() > DEPTH_MAX || info.references() > REFERENCES_MAX || info.arrayLength() > bodyBytes) {
                return ObjectInputFilter.Status.REJECTED;
            }
            Class<?> type = info.serialClass();
            return type == null || allows(type) ? ObjectInputFilter.Status.ALLOWED : ObjectInputFilter.Status.REJECTED;
        };
    }
}
