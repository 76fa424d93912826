/** Netty connection and correlation ids. */
package io.penstock.jms.transport;
