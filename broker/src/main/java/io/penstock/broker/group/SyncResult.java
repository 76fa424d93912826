package io.penstock.broker.group;

/** The answer to a sync. */
public record SyncResult(GroupError error, String protocolType, String protocolName, byte[] assignment) {
    private static final byte[] NOTHING = {};

    static SyncResult failed(GroupError error) {
        return new SyncResult(error, null, null, NOTHING);
    }
}
