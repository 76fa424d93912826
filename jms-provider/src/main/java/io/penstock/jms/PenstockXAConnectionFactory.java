package io.penstock.jms;

import static io.penstock.jms.session.JmsExceptions.unchecked;

import io.penstock.jms.session.Domain;
import io.penstock.jms.session.PenstockXAConnection;
import io.penstock.jms.session.PenstockXAContext;
import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import jakarta.jms.XAConnectionFactory;
import jakarta.jms.XAJMSContext;
import jakarta.jms.XAQueueConnection;
import jakarta.jms.XAQueueConnectionFactory;
import jakarta.jms.XATopicConnection;
import jakarta.jms.XATopicConnectionFactory;
import javax.naming.Reference;

/**
 * Makes connections to Penstock for distributed transactions: {@code new PenstockXAConnectionFactory("penstock://a:9092")}.
 * For application servers and transaction managers, which enlist the sessions' XAResources. Set up as a {@link
 * PenstockConnectionFactory}, which it also is. Thread-safe once it is set up.
 */
public class PenstockXAConnectionFactory extends PenstockConnectionFactory
        implements XAConnectionFactory, XAQueueConnectionFactory, XATopicConnectionFactory {
    private static final long serialVersionUID = 1L;

    /** For the broker on this machine. */
    public PenstockXAConnectionFactory() {
        this(ConnectionUrl.DEFAULT);
    }

    /** @throws IllegalArgumentException if the URL is malformed or has an unknown option */
    public PenstockXAConnectionFactory(String url) {
        super(url);
    }

    @Override
    public XAConnection createXAConnection() throws JMSException {
        return openXa(text(UrlOption.USERNAME), text(UrlOption.PASSWORD), Domain.ANY);
    }

    @Override
    public XAConnection createXAConnection(String user, String password) throws JMSException {
        return openXa(user, password, Domain.ANY);
    }

    @Override
    public XAQueueConnection createXAQueueConnection() throws JMSException {
        return openXa(text(UrlOption.USERNAME), text(UrlOption.PASSWORD), Domain.QUEUE);
    }

    @Override
    public XAQueueConnection createXAQueueConnection(String user, String password) throws JMSException {
        return openXa(user, password, Domain.QUEUE);
    }

    @Override
    public XATopicConnection createXATopicConnection() throws JMSException {
        return openXa(text(UrlOption.USERNAME), text(UrlOption.PASSWORD), Domain.TOPIC);
    }

    @Override
    public XATopicConnection createXATopicConnection(String user, String password) throws JMSException {
        return openXa(user, password, Domain.TOPIC);
    }

    @Override
    public XAJMSContext createXAContext() {
        return createXAContext(text(UrlOption.USERNAME), text(UrlOption.PASSWORD));
    }

    @Override
    public XAJMSContext createXAContext(String user, String password) {
        return PenstockXAContext.first(unchecked(() -> openXa(user, password, Domain.ANY)));
    }

    private PenstockXAConnection openXa(String user, String password, Domain domain) throws JMSException {
        return open(user, password, domain, PenstockXAConnection::open);
    }

    @Override
    public Reference getReference() {
        return reference(PenstockXAConnectionFactory.class);
    }
}
