/**
 * How this library's threads are made. Any thread; imports nothing of the other packages.
 */
package io.penstock.jms.thread;
