package io.penstock.benchmarks;

import java.nio.ByteBuffer;

/**
 * Sends one message after the other, each begun when the one before was confirmed, and measures how long each took, while
 * the parent does something to the brokers. Each body begins with its number, -1 before the measurement, so that the
 * parent can count what is stored; the last send is always waited for.
 */
final class Probe {
    private final LoadOptions options;
    private final Window window = new Window();

    /** A blocking send that the client itself tries again when it has to. */
    interface Sending {
        void send(byte[] body) throws Exception;
    }

    Probe(LoadOptions options) {
        this.options = options;
    }

    void run(Sending sending) throws Exception {
        long warm = System.nanoTime() + options.warmUpMillis() * 1_000_000;
        while (System.nanoTime() < warm) {
            sending.send(body(-1));
        }
        window.begin();
        long end = System.nanoTime() + options.measureMillis() * 1_000_000;
        for (long number = 0; System.nanoTime() < end; number++) {
            long begin = System.nanoTime();
            sending.send(body(number));
            window.latency(System.nanoTime() - begin);
            window.message();
        }
        window.end();
    }

    private byte[] body(long number) {
        byte[] body = new byte[options.bodyBytes()];
        ByteBuffer.wrap(body).putLong(number);
        return body;
    }
}
