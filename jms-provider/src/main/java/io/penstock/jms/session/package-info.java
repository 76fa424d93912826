/** JMS objects and their thread rules. */
package io.penstock.jms.session;
