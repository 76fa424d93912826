/**
 * How the adapter makes and uses connections of the client: where they lead, and the sessions of one. Any thread; imports
 * nothing of the packages above.
 */
package io.penstock.ra.client;
