package io.penstock.jms.transport;

/**
 * How a socket behaves.
 *
 * @param clientName software name sent in each request's header, at most 100 characters
 * @param connectTimeoutMillis how long connecting may take
 * @param callTimeoutMillis how long a request may wait for its reply
 * @param frameBytesMax the longest frame that is accepted from the broker
 */
public record TransportOptions(String clientName, int connectTimeoutMillis, int callTimeoutMillis, int frameBytesMax) {
    public TransportOptions {
        if (clientName.length() > 100) {
            throw new IllegalArgumentException("client name is longer than 100 characters");
        }
        if (connectTimeoutMillis <= 0 || callTimeoutMillis <= 0) {
            throw new IllegalArgumentException("time-outs must be positive");
        }
        if (frameBytesMax < 1024) {
            throw new IllegalArgumentException("frames of less than 1 KiB say nothing");
        }
    }
}
