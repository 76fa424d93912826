package io.penstock.samples.orders;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** All resources of this package, at the war's root. */
@ApplicationPath("/")
public class RestApplication extends Application {}
