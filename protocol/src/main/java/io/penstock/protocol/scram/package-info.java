/**
 * SCRAM (RFC 5802, RFC 7677) as both ends need it: what is kept of a password, and the client's side of an exchange. No thread of its
 * own. Imports the Java runtime alone.
 */
package io.penstock.protocol.scram;
