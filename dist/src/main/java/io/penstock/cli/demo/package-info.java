/**
 * {@code penstock demo}: the main job before the user's eyes. A broker in a child process, JMS producers and consumers
 * on a queue and a topic, Kafka clients on the same records, a kill in the middle, and a summary that checks itself.
 * {@code penstock cluster demo}: the same clients on three brokers, whose leaders are killed.
 */
package io.penstock.cli.demo;
