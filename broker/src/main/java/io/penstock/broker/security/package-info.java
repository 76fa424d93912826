/**
 * Who users are, and what is kept of their passwords (docs/security.md). {@link io.penstock.broker.security.LiveUsers} is
 * what event loops ask; {@link io.penstock.broker.security.UserFile} blocks, and belongs to the thread of logins and to the
 * command line. Imports neither Netty nor Kafka nor ZooKeeper nor {@code broker.request}.
 */
package io.penstock.broker.security;
