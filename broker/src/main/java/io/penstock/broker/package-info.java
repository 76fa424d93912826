/** Composition root and configuration: the only package that knows all the others. */
package io.penstock.broker;
