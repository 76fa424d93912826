/** The private messages of JMS client and broker, their versions and codec (docs/private-protocol.md). */
package io.penstock.protocol.message;
