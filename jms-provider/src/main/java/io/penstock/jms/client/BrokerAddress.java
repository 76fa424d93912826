package io.penstock.jms.client;

import java.io.Serializable;

/** Where a broker listens. */
public record BrokerAddress(String host, int port) implements Serializable {
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
