package io.penstock.jms.wire;

import io.penstock.jms.transport.ConnectionLostException;
import io.penstock.jms.transport.TransportListener;
import java.nio.ByteBuffer;

/**
 * Hears for a connection what comes on a socket once that is certain to be its own: until then nothing comes that nobody has
 * asked for, and the socket's end is seen by who asks. Any thread.
 */
final class LateListener implements TransportListener {
    private volatile TransportListener connection;

    void hearFor(TransportListener listener) {
        connection = listener;
    }

    @Override
    public void pushed(short kind, short version, ByteBuffer body) {
        TransportListener to = connection;
        if (to != null) {
            to.pushed(kind, version, body);
        }
    }

    @Override
    public void closed(ConnectionLostException cause) {
        TransportListener to = connection;
        if (to != null) {
            to.closed(cause);
        }
    }
}
