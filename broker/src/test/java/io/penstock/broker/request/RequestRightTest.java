package io.penstock.broker.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.penstock.broker.security.UserNames;
import io.penstock.protocol.message.PenstockApi;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** RELIABILITY.md, Security: every api against every kind of principal. What these tables do not name is for clients. */
@Timeout(10)
class RequestRightTest {
    private static final Set<ApiKeys> KAFKA_FOR_ANYBODY =
            EnumSet.of(ApiKeys.API_VERSIONS, ApiKeys.SASL_HANDSHAKE, ApiKeys.SASL_AUTHENTICATE);
    private static final Set<ApiKeys> KAFKA_FOR_BROKERS = EnumSet.noneOf(ApiKeys.class);
    private static final Set<PenstockApi> OURS_FOR_ANYBODY =
            EnumSet.of(PenstockApi.AUTHENTICATE, PenstockApi.OPEN_CONNECTION, PenstockApi.LOCAL_SOCKET);
    private static final Set<PenstockApi> OURS_FOR_BROKERS = EnumSet.of(
            PenstockApi.REPLICA_FETCH,
            PenstockApi.UPDATE_PARTITIONS,
            PenstockApi.PREPARE_COMMIT,
            PenstockApi.DECIDE_COMMIT,
            PenstockApi.APPLY_COMMIT,
            PenstockApi.ASK_COMMIT,
            PenstockApi.UNDO_COMMIT,
            PenstockApi.RELAY_OPEN,
            PenstockApi.RELAY,
            PenstockApi.RELAY_POLL,
            PenstockApi.WRITE_MARKERS,
            PenstockApi.ENROL,
            PenstockApi.SUBSCRIPTION_GROUP,
            PenstockApi.HOLD_BRANCH,
            PenstockApi.HOME_END_BRANCH,
            PenstockApi.HOME_LIST_BRANCHES,
            PenstockApi.RELEASE_COMMIT);

    private final RequestRight right = RequestRight.byAudience();

    private void check(Audience audience, short key, boolean anybody, boolean brokersAlone) {
        assertEquals(anybody, right.allows(null, audience, key), "who has not logged in");
        assertEquals(!brokersAlone, right.allows(UserNames.ANONYMOUS, audience, key), "anonymous");
        assertEquals(!brokersAlone, right.allows("alice", audience, key), "a user");
        assertEquals(!brokersAlone, right.allows("__brokers", audience, key), "somebody with nearly the name");
        assertEquals(true, right.allows(UserNames.BROKER, audience, key), "a broker");
    }

    @ParameterizedTest
    @EnumSource
    void kafkas(ApiKeys api) {
        check(Audience.of(api), api.id, KAFKA_FOR_ANYBODY.contains(api), KAFKA_FOR_BROKERS.contains(api));
    }

    @ParameterizedTest
    @EnumSource
    void ours(PenstockApi api) {
        check(Audience.of(api), api.key(), OURS_FOR_ANYBODY.contains(api), OURS_FOR_BROKERS.contains(api));
    }

    /** The name of a broker is none that a user can have. */
    @Test
    void nobodyIsCalledLikeABroker() {
        assertFalse(UserNames.fault(UserNames.BROKER) == null);
        assertFalse(UserNames.fault(UserNames.ANONYMOUS) == null);
        assertFalse(PeerRight.brokersOnly().allows(UserNames.ANONYMOUS));
        assertFalse(PeerRight.brokersOnly().allows(null));
        assertEquals(
                OURS_FOR_BROKERS,
                Arrays.stream(PenstockApi.values())
                        .filter(PenstockApi::betweenBrokers)
                        .collect(Collectors.toSet()));
    }
}
