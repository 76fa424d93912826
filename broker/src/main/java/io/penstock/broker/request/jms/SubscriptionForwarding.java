package io.penstock.broker.request.jms;

import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateMessage;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Has a client's question about subscriptions answered by the broker that leads them. On the connection's owner. */
final class SubscriptionForwarding {
    private static final int TRIES_MAX = 100;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private SubscriptionForwarding() {}

    /**
     * @param replied gets another broker's reply
     * @param here answers, where this broker leads them
     */
    static void run(
            JmsCall call,
            SubscriptionService subscriptions,
            CommitRoutes routes,
            PenstockApi api,
            PrivateMessage request,
            Consumer<ByteBuffer> replied,
            Runnable here) {
        if (call.connection().isRelayed() || routes.alone()) {
            here.run();
            return;
        }
        subscriptions
                .ensure()
                .whenComplete((there, failure) -> call.connection().owner().run(() -> {
                    if (failure != null) {
                        call.fail(failure);
                    } else {
                        attempt(call, routes, api, request, replied, here, TRIES_MAX);
                    }
                }));
    }

    private static void attempt(
            JmsCall call,
            CommitRoutes routes,
            PenstockApi api,
            PrivateMessage request,
            Consumer<ByteBuffer> replied,
            Runnable here,
            int triesLeft) {
        int leader = routes.subscriptionsLeader();
        if (leader == routes.self()) {
            here.run();
        } else if (leader != CommitRoutes.NOBODY) {
            call.connection().relays().to(leader).ask(api, request, replied, failure -> {
                PenstockError error = FrontErrors.error(failure);
                if (error == PenstockError.NOT_LEADER || error == PenstockError.TIMED_OUT) {
                    again(call, routes, api, request, replied, here, triesLeft, failure);
                } else {
                    call.fail(failure);
                }
            });
        } else {
            again(
                    call,
                    routes,
                    api,
                    request,
                    replied,
                    here,
                    triesLeft,
                    new FrontException(PenstockError.NOT_LEADER, "nobody leads the subscriptions now"));
        }
    }

    private static void again(
            JmsCall call,
            CommitRoutes routes,
            PenstockApi api,
            PrivateMessage request,
            Consumer<ByteBuffer> replied,
            Runnable here,
            int triesLeft,
            Throwable failure) {
        if (triesLeft == 0 || call.connection().state() == JmsConnection.State.CLOSED) {
            call.fail(failure);
            return;
        }
        call.connection()
                .owner()
                .schedule(() -> attempt(call, routes, api, request, replied, here, triesLeft - 1), PAUSE_NANOS);
    }
}
