/** Kafka's group requests: translated here, decided in {@link io.penstock.broker.group.GroupCoordinator}. Any thread. */
package io.penstock.broker.request.group;
