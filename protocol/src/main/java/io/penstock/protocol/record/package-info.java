/** Record batches of Kafka's magic 2, read and written in place on byte buffers. No thread of its own; instances are not shared. */
package io.penstock.protocol.record;
