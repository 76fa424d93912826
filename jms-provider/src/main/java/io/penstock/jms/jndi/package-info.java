/** Naming: the initial context factory. */
package io.penstock.jms.jndi;
