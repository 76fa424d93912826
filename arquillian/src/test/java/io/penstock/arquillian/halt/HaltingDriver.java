package io.penstock.arquillian.halt;

/** H2's driver, loaded where {@link HaltingDataSource} is: a server looks for a driver's data source beside it. */
public class HaltingDriver extends org.h2.Driver {}
