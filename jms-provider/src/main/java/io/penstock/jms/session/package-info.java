/**
 * JMS objects and their thread rules. Application threads call in, the engine delivers on its own thread, listeners and
 * completion callbacks run on a pool that is shared and small while nothing happens. Imports {@code client} and
 * {@code message}, never {@code wire} or {@code transport}.
 */
package io.penstock.jms.session;
