package io.penstock.broker.config;

import java.util.Map;
import java.util.regex.Pattern;

/**
 * Which replicas of a topic are throttled, by its settings {@code leader.replication.throttled.replicas} and {@code
 * follower.replication.throttled.replicas}: {@code partition:broker,...}, or {@code *} for all. Stateless.
 */
public final class ThrottledReplicas {
    public static final String LEADERS = "leader.replication.throttled.replicas";
    public static final String FOLLOWERS = "follower.replication.throttled.replicas";
    private static final String ALL = "*";
    private static final Pattern LIST = Pattern.compile("(\\d+:\\d+(\\s*,\\s*\\d+:\\d+)*)?");

    private ThrottledReplicas() {}

    /** What is wrong with a list, or null. */
    static String fault(String list) {
        return list.equals(ALL) || list.equals("none") || LIST.matcher(list).matches()
                ? null
                : "it must be '*' or a list of partition:broker";
    }

    /** @param key {@link #LEADERS} or {@link #FOLLOWERS} */
    public static boolean contains(Map<String, String> topic, String key, int partition, int broker) {
        String list = topic.getOrDefault(key, "").trim();
        if (list.isEmpty() || list.equals(ALL)) {
            return !list.isEmpty();
        }
        String wanted = partition + ":" + broker;
        for (String each : list.split(",", -1)) {
            if (each.trim().equals(wanted)) {
                return true;
            }
        }
        return false;
    }
}
