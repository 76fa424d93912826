/** Message bodies, headers and the conversion tables. */
package io.penstock.jms.message;
