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
 * {@code failover:(penstock://host:port,...)?...}. What it does not know it refuses.
 */
final class ConnectionUrl {
    static final String DEFAULT = "penstock://localhost:9092";
    private static final int DEFAULT_PORT = 9092;
    private static final String SCHEME = "penstock://";
    private static final String FAILOVER = "failover:(";

    /** Known elsewhere, and refused by name until they have a meaning here; with the values that change nothing. */
    private static final Map<String, NotYetOption> NOT_YET = Map.ofEntries(
            Map.entry("tls", new NotYetOption("TLS", "false")),
            Map.entry("tls.trustStore", new NotYetOption("TLS", null)),
            Map.entry("sslEnabled", new NotYetOption("TLS", "false")),
            Map.entry("trustStorePath", new NotYetOption("TLS", null)),
            Map.entry("jms.redeliveryPolicy.maxRedeliveries", new NotYetOption("a limit of redeliveries", "-1")),
            Map.entry("autoGroup", new NotYetOption("automatic message groups", "false")));

    private record NotYetOption(String feature, String harmlessValue) {}

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
        int query = text.indexOf('?', text.startsWith(FAILOVER) ? text.lastIndexOf(')') + 1 : 0);
        String authority = query < 0 ? text : text.substring(0, query);
        return new ConnectionUrl(brokers(authority), options(query < 0 ? "" : text.substring(query + 1)));
    }

    private static List<BrokerAddress> brokers(String authority) {
        String list = authority;
        if (authority.startsWith(FAILOVER)) {
            if (!authority.endsWith(")")) {
                throw new IllegalArgumentException("'" + authority + "' has no closing parenthesis");
            }
            list = authority.substring(FAILOVER.length(), authority.length() - 1);
        }
        List<BrokerAddress> brokers = new ArrayList<>();
        for (String one : list.split(",", -1)) {
            boolean first = brokers.isEmpty();
            String address = one.trim();
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

    private static Map<UrlOption, String> options(String query) {
        Map<UrlOption, String> options = new EnumMap<>(UrlOption.class);
        for (String part : query.split("&")) {
            if (part.isEmpty()) {
                continue;
            }
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("option '" + part + "' has no value; write " + part + "=value");
            }
            String name = decode(part.substring(0, equals));
            String value = decode(part.substring(equals + 1));
            UrlOption option = UrlOption.named(name).orElse(null);
            if (option == null) {
                refuseUnlessHarmless(name, value);
            } else {
                OptionValues.check(option, value);
                options.put(option, value);
            }
        }
        return options;
    }

    private static void refuseUnlessHarmless(String name, String value) {
        NotYetOption notYet = NOT_YET.get(name);
        if (notYet == null) {
            throw new IllegalArgumentException(
                    "unknown option '" + name + "'; known are " + String.join(", ", names()));
        }
        if (!value.equals(notYet.harmlessValue)) {
            throw new IllegalArgumentException("option '" + name + "=" + value + "' is not supported: " + notYet.feature
                    + " comes with a later version of Penstock");
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
