package io.penstock.jms.session;

import jakarta.jms.JMSException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down problems that nobody listens to. */
final class ProblemLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.penstock.jms");

    private ProblemLog() {}

    static void noListener(JMSException problem) {
        LOG.warn("no ExceptionListener is set to be told: {}", problem.getMessage(), problem);
    }
}
