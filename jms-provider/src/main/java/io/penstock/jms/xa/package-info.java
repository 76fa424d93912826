/**
 * The XAResource of a session: the state machine of its branches by X/Open XA, over the port {@code XaSession} that the
 * session implements. Called by a transaction manager's threads, one at a time. Imports neither {@code jms.session} nor the
 * wire.
 */
package io.penstock.jms.xa;
