/** The engine behind the port: metadata, batching, record mapping, error table. */
package io.penstock.jms.wire;
