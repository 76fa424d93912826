package io.penstock.ra.client;

/** Something that knows where its connections lead. */
public interface DefaultsHolder {
    ConnectionDefaults defaults();
}
