package io.penstock.broker.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All settings of destinations by pattern, as they are kept: for each pattern the keys that it sets. For one destination
 * each key has the value of the most specific pattern that fits its name and sets it, as Artemis merges them; what none
 * sets has its default. Immutable; any thread.
 */
public final class SettingsTree {
    public static final int PATTERNS_MAX = 1_000;
    /** Where a value comes from that no pattern sets. */
    public static final String DEFAULT = "(default)";

    private static final char SEPARATOR = ' ';

    /** The most specific first. */
    private final TreeMap<DestinationPattern, Map<String, String>> patterns = new TreeMap<>();

    /** A value and the pattern it comes from. */
    public record Setting(String pattern, String key, String value) {}

    private SettingsTree() {}

    /** @param kept entries of {@link #entry}; those that this release does not understand have no effect */
    public static SettingsTree of(Map<String, String> kept) {
        SettingsTree tree = new SettingsTree();
        kept.forEach((entry, value) -> {
            int separator = entry.lastIndexOf(SEPARATOR);
            String pattern = separator < 0 ? "" : entry.substring(0, separator);
            String key = entry.substring(separator + 1);
            if (DestinationPattern.fault(pattern) == null && DestinationKeys.fault(key, value) == null) {
                tree.patterns
                        .computeIfAbsent(DestinationPattern.of(pattern), made -> new HashMap<>())
                        .put(key, value.trim());
            }
        });
        return tree;
    }

    /** The name under which a setting is kept. */
    public static String entry(String pattern, String key) {
        return pattern + SEPARATOR + key;
    }

    /** What is wrong with a change, as a sentence for the user, or null. A null value removes the setting. */
    public static String fault(String pattern, String key, String value) {
        String fault = DestinationPattern.fault(pattern);
        if (fault != null) {
            return fault;
        }
        return value == null
                        && DestinationKeys.all().stream()
                                .anyMatch(known -> known.name().equals(key))
                ? null
                : DestinationKeys.fault(key, value);
    }

    public int patterns() {
        return patterns.size();
    }

    /** What is set, pattern by pattern, the most specific first. */
    public List<Setting> all() {
        List<Setting> all = new ArrayList<>();
        patterns.forEach((pattern, values) ->
                new TreeMap<>(values).forEach((key, value) -> all.add(new Setting(pattern.text(), key, value))));
        return all;
    }

    /** What is in force for a destination, every key; without a default it may be empty. */
    public List<Setting> inForce(String destination) {
        Map<String, Setting> found = found(destination);
        List<Setting> all = new ArrayList<>();
        for (ConfigKey key : DestinationKeys.all()) {
            Setting setting = found.get(key.name());
            String otherwise = key.defaultValue() == null ? "" : key.defaultValue();
            all.add(setting == null ? new Setting(DEFAULT, key.name(), otherwise) : setting);
        }
        return all;
    }

    private Map<String, Setting> found(String destination) {
        String[] name = DestinationPattern.words(destination);
        Map<String, Setting> found = new LinkedHashMap<>();
        patterns.forEach((pattern, values) -> {
            if (pattern.matches(name)) {
                values.forEach((key, value) -> found.putIfAbsent(key, new Setting(pattern.text(), key, value)));
            }
        });
        return found;
    }

    public DestinationSettings of(String destination) {
        Map<String, String> values = new HashMap<>();
        inForce(destination).forEach(setting -> values.put(setting.key(), setting.value()));
        long delay = Long.parseLong(values.get(DestinationKeys.REDELIVERY_DELAY));
        String longest = values.get(DestinationKeys.MAX_REDELIVERY_DELAY);
        return new DestinationSettings(
                Integer.parseInt(values.get(DestinationKeys.MAX_DELIVERY_ATTEMPTS)),
                delay,
                Double.parseDouble(values.get(DestinationKeys.REDELIVERY_DELAY_MULTIPLIER)),
                longest.isEmpty() ? 10 * delay : Long.parseLong(longest),
                orNull(values.get(DestinationKeys.DEAD_LETTER_ADDRESS)),
                Boolean.parseBoolean(values.get(DestinationKeys.AUTO_CREATE_DEAD_LETTER_RESOURCES)),
                orNull(values.get(DestinationKeys.EXPIRY_ADDRESS)),
                Boolean.parseBoolean(values.get(DestinationKeys.DEFAULT_EXCLUSIVE_QUEUE)));
    }

    private static String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
