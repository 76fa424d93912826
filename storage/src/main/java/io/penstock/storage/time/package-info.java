/** The ports for time and for the threads that own state. Only their implementations read the system's clocks. */
package io.penstock.storage.time;
