package io.penstock.broker;

import io.penstock.broker.BrokerConfig.Listener;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code PLAINTEXT://host:port}. Stateless. */
final class ListenerText {
    private static final Pattern SYNTAX =
            Pattern.compile("([A-Za-z_]+)://(\\[[0-9a-fA-F:%.]+\\]|[^:/\\s]*):(\\d{1,5})");

    private ListenerText() {}

    /** Null after adding to {@code faults}. */
    static Listener parse(String key, String text, List<String> faults) {
        if (text.contains(",")) {
            faults.add(key + "=" + text + ": exactly one listener is possible");
            return null;
        }
        Matcher matcher = SYNTAX.matcher(text.trim());
        if (!matcher.matches()) {
            faults.add(key + "=" + text + ": it must look like PLAINTEXT://127.0.0.1:9092");
            return null;
        }
        if (!matcher.group(1).equals("PLAINTEXT")) {
            faults.add(key + "=" + text + ": only PLAINTEXT is possible; TLS and SASL are not there yet");
            return null;
        }
        int port = Integer.parseInt(matcher.group(3));
        if (port > 65535) {
            faults.add(key + "=" + text + ": a port is at most 65535");
            return null;
        }
        String host = matcher.group(2);
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        return new Listener(host.isEmpty() ? "0.0.0.0" : host, port);
    }

    static boolean loopback(Listener listener) {
        try {
            for (InetAddress address : InetAddress.getAllByName(listener.host())) {
                if (!address.isLoopbackAddress()) {
                    return false;
                }
            }
            return true;
        } catch (UnknownHostException e) {
            // A name that cannot be resolved is certainly not known to be loopback; binding will say what is wrong.
            return false;
        }
    }

    static boolean wildcard(Listener listener) {
        return listener.host().equals("0.0.0.0") || listener.host().equals("::");
    }
}
