/**
 * A data source that ends its server's process at a point of two-phase commit. It lies beside H2 in the server and
 * imports nothing else. Calls come on whatever thread works on the transaction.
 */
package io.penstock.arquillian.halt;
