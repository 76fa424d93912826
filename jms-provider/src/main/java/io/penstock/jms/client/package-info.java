/**
 * The narrow asynchronous port under the JMS objects. It speaks of destinations, messages, deliveries and settlements and
 * has no wire types, so that another engine could stand behind it. Futures fail with {@code JMSException} of the right
 * class and complete on the engine's thread, which must not be blocked. Imports {@code message} and the Jakarta API.
 */
package io.penstock.jms.client;
