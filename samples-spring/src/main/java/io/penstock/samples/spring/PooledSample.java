package io.penstock.samples.spring;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.ConnectionFactory;
import java.util.ArrayList;
import java.util.List;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;
import org.springframework.jms.core.JmsTemplate;

/**
 * A pool for senders that open and close everything each time, as a JmsTemplate does. The pool may keep its connections: they
 * survive a broker's restart, and the ExceptionListener, by which pools throw connections away, is called only for one that
 * is lost for good.
 */
public final class PooledSample {
    private PooledSample() {}

    public static void main(String[] args) {
        JmsPoolConnectionFactory pool =
                pool(new PenstockConnectionFactory(args.length > 0 ? args[0] : "penstock://127.0.0.1:9092"));
        try {
            System.out.println(sendAndReceive(pool, 100));
        } finally {
            pool.stop();
        }
    }

    /** @param factory whose connections are shared; the caller stops the pool */
    public static JmsPoolConnectionFactory pool(ConnectionFactory factory) {
        JmsPoolConnectionFactory pool = new JmsPoolConnectionFactory();
        pool.setConnectionFactory(factory);
        pool.setMaxConnections(2);
        pool.setMaxSessionsPerConnection(10);
        pool.setConnectionIdleTimeout(30_000);
        pool.setUseAnonymousProducers(true);
        return pool;
    }

    static List<String> sendAndReceive(ConnectionFactory pool, int count) {
        JmsTemplate template = new JmsTemplate(pool);
        template.setReceiveTimeout(10_000);
        List<String> received = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            template.convertAndSend("pooled-sample", "message " + i);
        }
        for (int i = 0; i < count; i++) {
            received.add((String) template.receiveAndConvert("pooled-sample"));
        }
        return received;
    }
}
