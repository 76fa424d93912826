/** The mapping of JMS headers and typed properties to record headers: what makes a record a message and a message a record. */
package io.penstock.protocol.jms;
