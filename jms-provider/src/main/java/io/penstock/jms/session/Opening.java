package io.penstock.jms.session;

import io.penstock.jms.client.HandOutMemory;
import jakarta.jms.JMSException;

/** Makes messages of deliveries, just before they are handed out. Who hands them out. */
final class Opening {
    private final SessionCore session;
    private final PenstockConnection connection;

    Opening(SessionCore session, PenstockConnection connection) {
        this.session = session;
        this.connection = connection;
    }

    /** False if it has expired, or is not to be handed out a second time; then it is settled. */
    boolean open(HandedOut next) throws JMSException {
        if (next.lost) {
            return false;
        }
        long expiration = next.delivery.expiration();
        if (expiration != 0 && expiration <= connection.clock().wallMillis()) {
            session.accept(next, false);
            session.scheduleFlush();
            return false;
        }
        HandOutMemory.Found before = next.repeats > 0 ? null : handedOutBefore(next);
        if (before != null) {
            if (before.accepted() && !next.delivery.persistent()) {
                session.accept(next, false); // At most once.
                session.scheduleFlush();
                return false;
            }
            next.handedOutBefore(before.count());
        }
        next.opened = next.delivery.message(next.deliveryCount(), session::acknowledge);
        LargeBodies.fetch(next.opened);
        return true;
    }

    private HandOutMemory.Found handedOutBefore(HandedOut next) {
        return HandOutMemory.PROCESS.isEmpty()
                ? null
                : HandOutMemory.PROCESS.find(
                        next.consumer.client(), next.delivery.partition(), next.delivery.offset(), connection.clock());
    }
}
