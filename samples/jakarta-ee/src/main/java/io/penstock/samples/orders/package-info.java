/**
 * An order service: REST in, database and queue in one transaction, a bean that works orders off, a topic for all who
 * want to know, and a bean for what failed. Standard Jakarta EE 10: it knows neither the server nor Penstock. Threads are
 * the container's.
 */
package io.penstock.samples.orders;
