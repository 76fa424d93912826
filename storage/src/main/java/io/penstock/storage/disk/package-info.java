/** The disk port and its implementation on {@code FileChannel}: the only place that opens files. */
package io.penstock.storage.disk;
