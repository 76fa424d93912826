/** Spring's JMS, pooled-jms and Micrometer over Penstock: each class is a sample, run by a test of this module. */
package io.penstock.samples.spring;
