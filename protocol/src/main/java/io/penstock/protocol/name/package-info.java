/** Names of destinations and groups: what is allowed, and how it is escaped. */
package io.penstock.protocol.name;
