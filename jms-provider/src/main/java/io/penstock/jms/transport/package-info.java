/**
 * One socket to a broker: frames, correlation ids, pushes, deadlines. Knows nothing of what the frames say.
 *
 * <p>Reading happens on an event loop that all connections of a class loader share, or on a thread that waits for what
 * is read; writing happens on whichever thread
 * has something to say. Imports neither JMS nor the packages above it; the only importer of Netty.
 */
package io.penstock.jms.transport;
