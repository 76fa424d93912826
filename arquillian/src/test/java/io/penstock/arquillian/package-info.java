/**
 * The resource adapter in real application servers. Tests run outside of the server, talk to a broker process of the
 * distribution and to an application in the server ({@link io.penstock.arquillian.app}), which they deploy by
 * Arquillian. One server and one broker serve all tests of a run; tests of the run follow one another.
 */
package io.penstock.arquillian;
