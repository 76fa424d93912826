/**
 * Finds calls that block an event loop, in the tests of the modules that have BlockHound and {@code
 * junit-platform.properties} with {@code autodetection}: each test at whose end such a call is known fails. Threads are
 * known by name, so that nothing here depends on who made them.
 */
package io.penstock.storage.blocking;
