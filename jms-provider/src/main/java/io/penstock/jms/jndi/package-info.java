/**
 * Naming: an initial context that is made of properties and read only. Any thread. Imports {@code jms} and
 * {@code message}.
 */
package io.penstock.jms.jndi;
