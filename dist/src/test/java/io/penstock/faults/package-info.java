/**
 * Real faults under load: a cluster of processes, clients of all kinds, something that goes wrong, and a checker that looks at what
 * was promised. {@code ShortFaults} is a short set of faults, {@code LongFaults} all of them for as long as is wanted; both run in the profile
 * {@code faults}.
 */
package io.penstock.faults;
