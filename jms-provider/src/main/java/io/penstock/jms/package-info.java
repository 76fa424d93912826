/** The published client: connection factories, destinations, configuration. */
package io.penstock.jms;
