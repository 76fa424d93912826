package io.penstock.ra;

import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.UnavailableException;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.transaction.Status;
import jakarta.transaction.Transaction;
import jakarta.transaction.TransactionManager;
import java.lang.reflect.Method;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAResource;

/** Message-driven beans as a container makes them: in a transaction of its own each, or in none. */
final class TestEndpoints implements MessageEndpointFactory {

    /** The bean's business method. */
    interface Bean {
        void onMessage(Message message) throws Exception;
    }

    private final TransactionManager transactions;
    private final Bean bean;
    final AtomicInteger made = new AtomicInteger();
    final AtomicInteger released = new AtomicInteger();
    /** Inside the bean now, and the most there ever were. */
    final AtomicInteger inside = new AtomicInteger();

    final AtomicInteger insideMost = new AtomicInteger();
    volatile boolean unavailable;

    /** @param transactions null for none */
    TestEndpoints(TransactionManager transactions, Bean bean) {
        this.transactions = transactions;
        this.bean = bean;
    }

    @Override
    public MessageEndpoint createEndpoint(XAResource resource) throws UnavailableException {
        if (unavailable) {
            throw new UnavailableException("the application is not there yet");
        }
        made.incrementAndGet();
        return new Endpoint(resource);
    }

    @Override
    public MessageEndpoint createEndpoint(XAResource resource, long timeout) throws UnavailableException {
        return createEndpoint(resource);
    }

    @Override
    public boolean isDeliveryTransacted(Method method) {
        return transactions != null;
    }

    @Override
    public String getActivationName() {
        return "test";
    }

    @Override
    public Class<?> getEndpointClass() {
        return Endpoint.class;
    }

    private final class Endpoint implements MessageEndpoint, MessageListener {
        private final XAResource resource;
        private boolean failed;

        Endpoint(XAResource resource) {
            this.resource = resource;
        }

        @Override
        public void beforeDelivery(Method method) throws ResourceException {
            try {
                transactions.begin();
                transactions.getTransaction().enlistResource(resource);
                failed = false;
            } catch (Exception e) {
                throw new ResourceException(e);
            }
        }

        @Override
        public void onMessage(Message message) {
            insideMost.accumulateAndGet(inside.incrementAndGet(), Math::max);
            try {
                bean.onMessage(message);
            } catch (RuntimeException e) {
                failed = true;
                throw e;
            } catch (Exception e) {
                failed = true;
                throw new RuntimeException(e);
            } finally {
                inside.decrementAndGet();
            }
        }

        @Override
        public void afterDelivery() throws ResourceException {
            try {
                Transaction transaction = transactions.getTransaction();
                if (failed || transaction.getStatus() == Status.STATUS_MARKED_ROLLBACK) {
                    transactions.rollback();
                } else {
                    transactions.commit();
                }
            } catch (Exception e) {
                throw new ResourceException(e);
            }
        }

        @Override
        public void release() {
            released.incrementAndGet();
        }
    }
}
