/** One stateless handler for each api key: decode, authorise, validate, go to the owner. Imports no Netty. */
package io.penstock.broker.request;
