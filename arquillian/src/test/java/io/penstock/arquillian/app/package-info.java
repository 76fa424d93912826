/**
 * What runs inside the server: standard Jakarta EE that knows neither the server nor the provider. It is deployed
 * class by class; must not import anything but {@code jakarta.*} and its own package.
 */
package io.penstock.arquillian.app;
