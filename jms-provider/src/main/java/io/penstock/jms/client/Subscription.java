package io.penstock.jms.client;

/** A named subscription: a durable one that an engine has found or made, or a shared one. */
public interface Subscription {
    String name();

    Target topic();
}
