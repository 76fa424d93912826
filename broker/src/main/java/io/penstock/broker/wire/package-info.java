/** Netty pipeline, frame codec, response order, back-pressure. Runs on event loops, never blocks. */
package io.penstock.broker.wire;
