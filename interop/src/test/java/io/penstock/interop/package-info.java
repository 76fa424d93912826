/**
 * Unmodified clients and tools of Kafka, with default settings, each in a process of its own, against one broker
 * process. A client that is missing is a failure: {@code .ci/interop.sh} installs them. With
 * {@code -Dinterop.bootstrap=host:port} the same tests run against another broker, which is how they are checked
 * against Kafka itself.
 */
package io.penstock.interop;
