package io.penstock.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.Session;

/**
 * The session of ours behind any wrapper, such as Micrometer's or a container's: the one that answers a call which every
 * wrapper passes on. Any thread.
 */
final class SessionBehind {
    private static final ThreadLocal<SessionBehind> ASKED = new ThreadLocal<>();

    private PenstockSession answered;

    private SessionBehind() {}

    /** @return null if none of ours is behind it */
    static PenstockSession of(Session session) throws JMSException {
        if (session instanceof PenstockSession own) {
            return own;
        }
        SessionBehind question = new SessionBehind();
        ASKED.set(question);
        try {
            session.getAcknowledgeMode();
            return question.answered;
        } finally {
            ASKED.remove();
        }
    }

    /** A session's acknowledge mode has been asked for. */
    static void answer(PenstockSession session) {
        SessionBehind question = ASKED.get();
        if (question != null) {
            question.answered = session;
        }
    }
}
