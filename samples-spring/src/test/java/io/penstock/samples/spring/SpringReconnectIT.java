package io.penstock.samples.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.DefaultMessageListenerContainer;

/**
 * B6 and B7: a broker's restart under a pool and a container of listeners. Neither makes a new connection, since their
 * ExceptionListeners are not called for one that comes back (rule 24).
 */
@Timeout(120)
class SpringReconnectIT {
    private static final String QUEUE = "restarted";
    private static final int COUNT = 400;

    @TempDir
    Path directory;

    private SampleBroker broker;
    private final ExecutorService sender = Executors.newSingleThreadExecutor();

    @BeforeEach
    void start() throws Exception {
        broker = new SampleBroker(directory);
    }

    @AfterEach
    void stop() throws Exception {
        sender.shutdownNow();
        broker.close();
    }

    /** Counts the connections it makes. */
    private static final class Counted extends PenstockConnectionFactory {
        private static final long serialVersionUID = 1L;
        final transient AtomicInteger made = new AtomicInteger();

        Counted(String url) {
            super(url);
        }

        @Override
        public Connection createConnection() throws JMSException {
            made.incrementAndGet();
            return super.createConnection();
        }
    }

    @Test
    void rule24PoolsAndContainersSurviveARestart() throws Exception {
        Counted ofPool = new Counted(broker.url());
        Counted ofContainer = new Counted(broker.url());
        JmsPoolConnectionFactory pool = new JmsPoolConnectionFactory();
        pool.setConnectionFactory(ofPool);
        pool.setMaxConnections(1);
        Set<String> got = ConcurrentHashMap.newKeySet();
        AtomicInteger refreshed = new AtomicInteger();
        DefaultMessageListenerContainer container = new DefaultMessageListenerContainer() {
            @Override
            protected void refreshConnectionUntilSuccessful() {
                refreshed.incrementAndGet();
                super.refreshConnectionUntilSuccessful();
            }
        };
        CountDownLatch all = new CountDownLatch(COUNT);
        container.setConnectionFactory(ofContainer);
        container.setDestinationName(QUEUE);
        container.setSessionTransacted(true);
        container.setConcurrency("2-3");
        container.setupMessageListener((jakarta.jms.MessageListener) message -> {
            try {
                if (got.add(((TextMessage) message).getText())) {
                    all.countDown();
                }
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        container.afterPropertiesSet();
        container.start();
        try {
            JmsTemplate template = new JmsTemplate(pool);
            CountDownLatch half = new CountDownLatch(COUNT / 2);
            Future<?> sending = sender.submit(() -> {
                for (int i = 0; i < COUNT; i++) {
                    template.convertAndSend(QUEUE, "m" + i);
                    half.countDown();
                }
            });
            assertTrue(half.await(60, TimeUnit.SECONDS));
            broker.restart();
            sending.get(60, TimeUnit.SECONDS);
            assertTrue(all.await(60, TimeUnit.SECONDS), () -> all.getCount() + " messages are missing");

            assertEquals(1, ofPool.made.get(), "the pool kept its connection");
            assertEquals(1, pool.getNumConnections());
            assertEquals(1, ofContainer.made.get(), "the container kept its connection");
            assertEquals(0, refreshed.get());
            assertTrue(container.isRunning());
        } finally {
            container.shutdown();
            pool.stop();
        }
        JmsTemplate rest = new JmsTemplate(ofPool);
        rest.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
        assertEquals(null, rest.receive(QUEUE));
    }
}
