/** A program of the days of {@code javax.jms}: it names no class of Penstock, {@code jndi.properties} does. */
package io.penstock.samples.legacy;
