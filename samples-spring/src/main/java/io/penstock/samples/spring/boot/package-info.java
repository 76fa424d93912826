/** A Spring Boot 3 application; by itself, so that only what it needs is scanned. */
package io.penstock.samples.spring.boot;
