/** Consumer groups and their offsets, subscriptions, client ids. Runs on the owner of an internal partition. */
package io.penstock.broker.group;
