/**
 * A broker in a process of its own under size and under SIGKILL: what is measured is what an operator sees in
 * {@code /proc}. Small by default; {@code -Dpenstock.soak.queues=10000} and {@code -Dpenstock.soak.messages=1000000}
 * run the sizes that are promised.
 */
package io.penstock.soak;
