package io.penstock.jms.session;

import static io.penstock.jms.session.JmsExceptions.unchecked;

import jakarta.jms.JMSContext;
import jakarta.jms.XAJMSContext;
import javax.transaction.xa.XAResource;

/** A connection and a session for distributed transactions in one. Used by one thread at a time, except {@link #close}. */
public final class PenstockXAContext extends PenstockContext implements XAJMSContext {
    private final PenstockXAConnection connection;

    private PenstockXAContext(PenstockXAConnection connection) {
        super(connection, SESSION_TRANSACTED);
        this.connection = connection;
    }

    /** Makes the first context of a connection, which the last context closes. */
    public static PenstockXAContext first(PenstockXAConnection connection) {
        return new PenstockXAContext(connection);
    }

    @Override
    PenstockSession newSession() {
        return unchecked(() -> connection.openXaSession(Domain.ANY));
    }

    @Override
    public JMSContext getContext() {
        return this;
    }

    @Override
    public XAResource getXAResource() {
        return ((PenstockXASession) session()).getXAResource();
    }
}
