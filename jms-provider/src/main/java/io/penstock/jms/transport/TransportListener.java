package io.penstock.jms.transport;

import java.nio.ByteBuffer;

/** Told of what a broker says unasked. Called on the event loop; must not block. */
public interface TransportListener {

    /** @param body after kind and version; the listener may keep it */
    void pushed(short kind, short version, ByteBuffer body);

    /** The last call: the socket is gone, all waiting requests have failed with the same cause. */
    void closed(ConnectionLostException cause);
}
