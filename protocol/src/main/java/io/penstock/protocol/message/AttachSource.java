package io.penstock.protocol.message;

/** What a consumer reads. */
public enum AttachSource {
    QUEUE(1),
    /** A durable subscription, shared or not, named by its group id. */
    SUBSCRIPTION(2),
    /** A subscription of this consumer alone, made by Attach and gone with Detach. */
    NON_DURABLE(3),
    /** A shared subscription that is not durable: by its name, made by its first Attach, gone with its last consumer. */
    SHARED(4);

    private static final AttachSource[] VALUES = values();

    private final byte code;

    AttachSource(int code) {
        this.code = (byte) code;
    }

    public byte code() {
        return code;
    }

    /** @throws MalformedMessageException for a code that does not exist */
    public static AttachSource of(byte code) {
        for (AttachSource value : VALUES) {
            if (value.code == code) {
                return value;
            }
        }
        throw new MalformedMessageException("source is " + code);
    }
}
