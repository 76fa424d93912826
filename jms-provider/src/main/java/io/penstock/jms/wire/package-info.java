/**
 * The engine behind the port: Penstock's private protocol. Metadata, producer ids and sequences, batching, the mapping of
 * records, the table of errors. Application threads send; replies and pushes come on the transport's event loop. Imports
 * {@code client}, {@code message}, {@code transport} and the protocol module; never {@code session}.
 */
package io.penstock.jms.wire;
