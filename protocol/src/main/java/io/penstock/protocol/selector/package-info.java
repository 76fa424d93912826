/**
 * Message selectors (Messaging 3.1 §3.8): compiled once, then evaluated over the headers of records where they lie. The
 * client compiles to check the syntax, the broker to select. Nothing here calls itself deeper than {@link
 * io.penstock.protocol.selector.Selector#DEPTH_MAX}, uses regular expressions, or costs more than its limits say.
 */
package io.penstock.protocol.selector;
