package io.penstock.jms.client;

/** A durable subscription that an engine has found or made. */
public interface Subscription {
    String name();

    Target topic();
}
