package io.penstock.broker.group;

import io.penstock.broker.group.JoinRequest.Protocol;
import io.penstock.storage.time.Owner.Cancellable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** A member of a group, with what it waits for. Belongs to its {@link Group}; owner thread only. */
final class Member {
    private static final byte[] NOTHING = {};

    final String id;
    /** Null for a dynamic member. */
    final String instanceId;

    String clientId;
    String clientHost;
    int sessionTimeoutMillis;
    int rebalanceTimeoutMillis;
    List<Protocol> protocols;
    byte[] assignment = NOTHING;

    /** Set while a join waits for the next generation. */
    Consumer<JoinResult> awaitingJoin;
    /** Set while a sync waits for the leader's assignment. */
    Consumer<SyncResult> awaitingSync;

    /** True until the member was part of a generation. */
    boolean isNew;
    /** When the session ends unless the member is heard of; in {@code Clock.nanos}. */
    long deadlineNanos;
    /** Looks at {@link #deadlineNanos} when it fires. */
    Cancellable sessionTimer;

    Member(String id, JoinRequest request) {
        this.id = id;
        this.instanceId = request.instanceId();
        update(request);
    }

    Member(GroupRecord.GenerationMember saved, String protocolName) {
        this.id = saved.memberId();
        this.instanceId = saved.instanceId();
        this.clientId = saved.clientId();
        this.clientHost = saved.clientHost();
        this.sessionTimeoutMillis = saved.sessionTimeoutMillis();
        this.rebalanceTimeoutMillis = saved.rebalanceTimeoutMillis();
        this.protocols = List.of(new Protocol(protocolName == null ? "" : protocolName, saved.subscription()));
        this.assignment = saved.assignment();
    }

    void update(JoinRequest request) {
        clientId = request.clientId();
        clientHost = request.clientHost();
        sessionTimeoutMillis = request.sessionTimeoutMillis();
        rebalanceTimeoutMillis = request.rebalanceTimeoutMillis();
        protocols = request.protocols();
    }

    boolean isStatic() {
        return instanceId != null;
    }

    boolean offers(String protocol) {
        return protocols.stream().anyMatch(offered -> offered.name().equals(protocol));
    }

    byte[] metadata(String protocol) {
        for (Protocol offered : protocols) {
            if (offered.name().equals(protocol)) {
                return offered.metadata();
            }
        }
        return NOTHING;
    }

    boolean offersTheSame(List<Protocol> others) {
        if (others.size() != protocols.size()) {
            return false;
        }
        for (int i = 0; i < others.size(); i++) {
            Protocol mine = protocols.get(i);
            Protocol other = others.get(i);
            if (!mine.name().equals(other.name()) || !Arrays.equals(mine.metadata(), other.metadata())) {
                return false;
            }
        }
        return true;
    }

    void replyJoin(JoinResult result) {
        Consumer<JoinResult> waiting = awaitingJoin;
        awaitingJoin = null;
        if (waiting != null) {
            waiting.accept(result);
        }
    }

    void replySync(SyncResult result) {
        Consumer<SyncResult> waiting = awaitingSync;
        awaitingSync = null;
        if (waiting != null) {
            waiting.accept(result);
        }
    }

    void cancelTimer() {
        if (sessionTimer != null) {
            sessionTimer.cancel();
            sessionTimer = null;
        }
    }
}
