package io.penstock.arquillian.app;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Goes on only when as many messages are worked on at once as it says; notes how many there are. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "ee.concurrent"),
            @ActivationConfigProperty(propertyName = "maxSession", propertyValue = "4"),
        })
public class ConcurrentBean implements MessageListener {
    private static final CyclicBarrier ALL_AT_ONCE = new CyclicBarrier(4);
    private static final AtomicInteger INSIDE = new AtomicInteger();

    @Override
    public void onMessage(Message message) {
        int inside = INSIDE.incrementAndGet();
        try {
            ALL_AT_ONCE.await(30, TimeUnit.SECONDS);
            Journal.note("concurrent " + inside);
        } catch (BrokenBarrierException | TimeoutException | InterruptedException e) {
            Journal.note("alone " + inside);
        } finally {
            INSIDE.decrementAndGet();
        }
    }
}
