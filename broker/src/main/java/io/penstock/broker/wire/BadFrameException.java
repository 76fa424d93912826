package io.penstock.broker.wire;

import io.netty.handler.codec.DecoderException;

/** What came over a connection is not our protocol; the connection is closed with this message as the reason. */
final class BadFrameException extends DecoderException {
    private static final long serialVersionUID = 1L;

    BadFrameException(String message) {
        super(message);
    }

    BadFrameException(String message, Throwable cause) {
        super(message, cause);
    }
}
