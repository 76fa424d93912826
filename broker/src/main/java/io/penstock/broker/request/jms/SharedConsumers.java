package io.penstock.broker.request.jms;

import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.name.GroupId;
import io.penstock.protocol.name.InvalidNameException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * The shared subscriptions that are not durable, of this broker (JMS-RULES 9 to 11): each is made by its first consumer's
 * Attach and gone with its last one's end. On a
 * topic with several partitions a message may reach a subscription that was made while it was sent. Any thread may call.
 */
final class SharedConsumers {
    private final Map<String, Live> live = new HashMap<>();
    private long lastIncarnation;

    /** A consumer's place in a subscription. */
    record Place(String groupId, long incarnation) {}

    private static final class Live {
        final long incarnation;
        final UUID topicId;
        final String selector;
        int consumers;

        Live(long incarnation, UUID topicId, String selector) {
            this.incarnation = incarnation;
            this.topicId = topicId;
            this.selector = selector;
        }
    }

    /**
     * Makes the subscription, or joins it.
     *
     * @param clientId null for a connection without one
     * @param selector null for everything
     * @throws FrontException SUBSCRIPTION_CONFLICT when it has another topic or selector
     */
    Place join(String clientId, String name, UUID topicId, String selector) throws FrontException {
        String groupId;
        try {
            groupId = GroupId.ofSharedNonDurable(clientId, name);
        } catch (InvalidNameException e) {
            throw FrontException.invalid(e.getMessage());
        }
        if (groupId.length() > SubscriptionHandlers.GROUP_ID_MAX) {
            throw FrontException.invalid("client id and subscription name are too long together");
        }
        synchronized (this) {
            Live present = live.get(groupId);
            if (present == null) {
                present = new Live(++lastIncarnation, topicId, selector);
                live.put(groupId, present);
            } else if (!present.topicId.equals(topicId) || !Objects.equals(present.selector, selector)) {
                throw new FrontException(
                        PenstockError.SUBSCRIPTION_CONFLICT,
                        "shared subscription " + name + " has active consumers and another topic or selector");
            }
            present.consumers++;
            return new Place(groupId, present.incarnation);
        }
    }

    /** @return true when it was the last one, so that the subscription is no more */
    synchronized boolean leave(Place place) {
        Live present = live.get(place.groupId());
        if (present == null || present.incarnation != place.incarnation() || --present.consumers > 0) {
            return false;
        }
        live.remove(place.groupId());
        return true;
    }

    /** The consumer is about to join again under the same id: the subscription outlives the moment between. */
    synchronized void leaveForReturn(Place place) {
        Live present = live.get(place.groupId());
        if (present != null && present.incarnation == place.incarnation()) {
            present.consumers--;
        }
    }

    synchronized boolean isOver(Place place) {
        Live present = live.get(place.groupId());
        return present == null || present.incarnation != place.incarnation();
    }
}
