/**
 * Logins: SASL for Kafka clients, the same exchanges in our own request for JMS clients and brokers. Event loops call; each step
 * runs on a thread of logins ({@link io.penstock.broker.security.LoginThread}). The mechanisms are kafka-clients' own.
 */
package io.penstock.broker.request.login;
