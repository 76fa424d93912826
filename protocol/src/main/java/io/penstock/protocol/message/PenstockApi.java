package io.penstock.protocol.message;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The private api keys (docs/private-protocol.md); stock Kafka clients ignore keys that they do not know. */
public enum PenstockApi {
    OPEN_CONNECTION(20000, true),
    ALLOCATE_PRODUCER_IDS(20001, true),
    RESOLVE(20002, true),
    SEND(20003, true),
    SUBSCRIBE(20004, true),
    UNSUBSCRIBE(20005, true),
    ATTACH(20006, true),
    CREDIT(20007, false),
    SETTLE(20008, true),
    DETACH(20009, true),
    COMMIT(20010, true),
    CLOSE_SESSION(20011, true),
    CLOSE_CONNECTION(20012, true),
    PING(20013, true),
    DESCRIBE_DESTINATIONS(20014, true),
    HOLD(20015, true),
    CREATE_TEMPORARY(20016, true),
    DELETE_TEMPORARY(20017, true),
    ALTER_SETTINGS(20018, true),
    DESCRIBE_SETTINGS(20019, true),
    REPLAY(20020, true),
    PREPARE_BRANCH(20021, true),
    END_BRANCH(20022, true),
    LIST_BRANCHES(20023, true),
    SEND_PIECE(20030, true),
    READ_PIECE(20031, true),
    DROP_PIECES(20032, true),
    LOCAL_SOCKET(20040, true),
    AUTHENTICATE(20050, true),
    /** Between brokers, as all from here on. */
    REPLICA_FETCH(20100, true),
    UPDATE_PARTITIONS(20101, true),
    PREPARE_COMMIT(20102, true),
    DECIDE_COMMIT(20103, true),
    APPLY_COMMIT(20104, true),
    ASK_COMMIT(20105, true),
    UNDO_COMMIT(20106, true),
    RELAY_OPEN(20107, true),
    RELAY(20108, true),
    RELAY_POLL(20109, true),
    WRITE_MARKERS(20110, true),
    ENROL(20111, true),
    SUBSCRIPTION_GROUP(20112, true),
    HOLD_BRANCH(20113, true),
    HOME_END_BRANCH(20114, true),
    HOME_LIST_BRANCHES(20115, true),
    RELEASE_COMMIT(20116, true);

    /** The first private key. */
    public static final short FIRST_KEY = 20000;

    private static final short FIRST_KEY_BETWEEN_BROKERS = 20100;

    private static final Map<Short, PenstockApi> BY_KEY =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(PenstockApi::key, Function.identity()));

    private final short key;
    private final boolean replied;

    PenstockApi(int key, boolean replied) {
        this.key = (short) key;
        this.replied = replied;
    }

    public short key() {
        return key;
    }

    public short lowestVersion() {
        return 0;
    }

    public short highestVersion() {
        return 0;
    }

    /** Asked by brokers of each other, and by nobody else. */
    public boolean betweenBrokers() {
        return key >= FIRST_KEY_BETWEEN_BROKERS;
    }

    /** False for one-way requests. SETTLE is replied to only when the request asks for it. */
    public boolean replied() {
        return replied;
    }

    public static Optional<PenstockApi> of(short key) {
        return Optional.ofNullable(BY_KEY.get(key));
    }
}
