package io.penstock.jms;

import io.penstock.jms.client.BrokerAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A connection URL taken apart: {@code penstock://host:port[,host:port...][?option=value&...]}, or
 * {@code failover:(penstock://host:port,...)?...}, as Qpid JMS has it, or the same without the word, as Artemis has it; there the
 * brokers may bring options too, which count for all of them. What it does not know it refuses.
 */
final class ConnectionUrl {
    static final String DEFAULT = "penstock://localhost:9092";
    private static final int DEFAULT_PORT = 9092;
    private static final String SCHEME = "penstock://";
    private static final String FAILOVER = "failover:";
    private static final String NESTED = "failover.nested.";

    private final List<BrokerAddress> brokers;
    private final Map<UrlOption, String> options;

    private ConnectionUrl(List<BrokerAddress> brokers, Map<UrlOption, String> options) {
        this.brokers = List.copyOf(brokers);
        this.options = options;
    }

    List<BrokerAddress> brokers() {
        return brokers;
    }

    Map<UrlOption, String> options() {
        return new EnumMap<>(options);
    }

    /** @throws IllegalArgumentException with a text that says what is wrong with which part */
    static ConnectionUrl parse(String url) {
        if (url == null || url.isBlank()) {
            throw new IllegalArgumentException("the connection URL is empty; expected " + SCHEME + "host:port");
        }
        String text = url.trim();
        String list = text.startsWith(FAILOVER) ? text.substring(FAILOVER.length()) : text;
        Map<UrlOption, String> options = new EnumMap<>(UrlOption.class);
        String all;
        if (list.startsWith("(")) {
            int end = list.lastIndexOf(')');
            if (end < 0) {
                throw new IllegalArgumentException("'" + text + "' has no closing parenthesis");
            }
            all = list.substring(end + 1);
            if (!all.isEmpty() && !all.startsWith("?")) {
                throw new IllegalArgumentException("'" + all + "' follows the parenthesis; expected ?option=value");
            }
            list = list.substring(1, end);
        } else {
            int query = list.indexOf('?');
            all = query < 0 ? "" : list.substring(query);
            list = query < 0 ? list : list.substring(0, query);
        }
        List<BrokerAddress> brokers = brokers(list, options);
        addOptions(all.isEmpty() ? "" : all.substring(1), options);
        return new ConnectionUrl(brokers, options);
    }

    /** @param options gets those that the brokers bring, inside of parentheses */
    private static List<BrokerAddress> brokers(String list, Map<UrlOption, String> options) {
        List<BrokerAddress> brokers = new ArrayList<>();
        for (String one : list.split(",", -1)) {
            boolean first = brokers.isEmpty();
            String address = one.trim();
            int query = address.indexOf('?');
            if (query >= 0) {
                addOptions(address.substring(query + 1), options);
                address = address.substring(0, query);
            }
            if (address.startsWith(SCHEME)) {
                address = address.substring(SCHEME.length());
            } else if (first || address.contains("://")) {
                throw new IllegalArgumentException("'" + address + "' does not begin with " + SCHEME
                        + "; a connection URL is " + SCHEME + "host:port[,host:port]?option=value");
            }
            brokers.add(address(address));
        }
        return brokers;
    }

    private static BrokerAddress address(String text) {
        String address = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        try {
            URI uri = new URI(SCHEME + address);
            if (uri.getUserInfo() != null) {
                throw new IllegalArgumentException("user and password belong into jms.username and jms.password");
            }
            if (uri.getHost() != null && uri.getPath().isEmpty()) {
                String host = uri.getHost();
                boolean literal = host.startsWith("[");
                return new BrokerAddress(
                        literal ? host.substring(1, host.length() - 1) : host,
                        uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort());
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'" + address + "' is not host:port", e);
        }
        throw new IllegalArgumentException("'" + address + "' is not host:port");
    }

    private static void addOptions(String query, Map<UrlOption, String> options) {
        for (String part : query.split("&")) {
            if (part.isEmpty()) {
                continue;
            }
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("option '" + part + "' has no value; write " + part + "=value");
            }
            String name = decode(part.substring(0, equals));
            add(
                    name.startsWith(NESTED) ? name.substring(NESTED.length()) : name,
                    decode(part.substring(equals + 1)),
                    options);
        }
    }

    private static void add(String name, String value, Map<UrlOption, String> options) {
        UrlOption option = UrlOption.named(name).orElse(null);
        if (option == null) {
            ForeignOption.named(name)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "unknown option '" + name + "'; known are " + String.join(", ", names())))
                    .take(name, value);
        } else if (!OptionValues.asElsewhere(name, value, options)) {
            OptionValues.check(option, value);
            options.put(option, value);
        }
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>();
        for (UrlOption option : UrlOption.values()) {
            names.add(option.key());
        }
        return names;
    }

    /** A plus is a plus, as in the authority of a URL and not as in a form. */
    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' has a percent sign without two hexadecimal digits", e);
        }
    }
}
