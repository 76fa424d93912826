package io.penstock.jms.session;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down that an application's callback has thrown, which has no other outlet. */
final class CallbackLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.penstock.jms.callbacks");

    private CallbackLog() {}

    static void thrown(Object callback, Throwable e) {
        LOG.warn("{} has thrown", callback.getClass().getName(), e);
    }
}
