package io.penstock.broker.delivery;

/** Why a record goes to another destination. */
public enum MoveReason {
    /** It was delivered as often as the settings allow. */
    MAX_DELIVERY_ATTEMPTS(1, "max-delivery-attempts"),
    /** Its time is over. */
    EXPIRED(2, "expired");

    private final int code;
    private final String word;

    MoveReason(int code, String word) {
        this.code = code;
        this.word = word;
    }

    /** In the ledger. */
    int code() {
        return code;
    }

    /** In the moved message. */
    String word() {
        return word;
    }
}
