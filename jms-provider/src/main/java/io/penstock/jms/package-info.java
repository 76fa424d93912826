/**
 * The published client: connection factories and the options of their URLs. Any thread. Puts {@code session} and
 * {@code wire} together, and is the only package that knows both.
 */
package io.penstock.jms;
