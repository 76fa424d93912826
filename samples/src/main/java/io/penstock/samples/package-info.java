/** Small programs to start from; each runs against a broker at the URL that is its first argument, and is run by a test. */
package io.penstock.samples;
