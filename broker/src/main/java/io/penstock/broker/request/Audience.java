package io.penstock.broker.request;

import io.penstock.protocol.message.PenstockApi;
import org.apache.kafka.common.protocol.ApiKeys;

/** Whom an api is for, by its key alone. What is done to which topic is asked later, by the handlers. */
public enum Audience {
    /** Also for who has not logged in: what a login takes. */
    ANYBODY,
    /** For whoever was let in: a user, or ANONYMOUS where that is allowed. */
    CLIENTS,
    /** For brokers of this cluster alone (CVE-2018-1288). */
    BROKERS;

    public static Audience of(ApiKeys api) {
        return switch (api) {
            case API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE -> ANYBODY;
            // Of AddPartitionsToTxn only the versions from 4 on are for brokers: its handler asks. WriteTxnMarkers is
            // an
            // operator's here, who ends a transaction that hangs; brokers have a message of their own for it.
            default -> CLIENTS;
        };
    }

    public static Audience of(PenstockApi api) {
        if (api.betweenBrokers()) {
            return BROKERS;
        }
        return switch (api) {
            // OpenConnection says itself, in words, that it wants a login; the socket file is asked for before one.
            case AUTHENTICATE, OPEN_CONNECTION, LOCAL_SOCKET -> ANYBODY;
            default -> CLIENTS;
        };
    }
}
