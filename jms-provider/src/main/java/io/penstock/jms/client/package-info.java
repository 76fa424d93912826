/** The narrow asynchronous port under the JMS objects; no wire types. */
package io.penstock.jms.client;
