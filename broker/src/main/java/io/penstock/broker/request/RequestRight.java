package io.penstock.broker.request;

import io.penstock.broker.security.UserNames;

/**
 * The port that decides which requests somebody may make at all; asked for each request, before its handler. The place where access
 * lists will be. Called on event loops; must not block.
 */
@FunctionalInterface
public interface RequestRight {

    /**
     * @param principal null of who has not been let in
     * @param apiKey Kafka's or ours
     */
    boolean allows(String principal, Audience audience, short apiKey);

    /** Until there are access lists: clients may do all but what is for brokers. */
    static RequestRight byAudience() {
        return (principal, audience, apiKey) -> switch (audience) {
            case ANYBODY -> true;
            case CLIENTS -> principal != null;
            case BROKERS -> UserNames.BROKER.equals(principal);
        };
    }
}
