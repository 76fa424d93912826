package io.penstock.samples.spring;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.jakarta9.instrument.jms.JmsInstrumentation;
import io.micrometer.observation.ObservationRegistry;
import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Micrometer without Spring: it wraps a session, and times sends and the work of listeners; request and reply here. */
public final class ObservedSample {
    private ObservedSample() {}

    public static void main(String[] args) throws Exception {
        MeterRegistry meters = new SimpleMeterRegistry();
        run(args.length > 0 ? args[0] : "penstock://127.0.0.1:9092", 10, meters);
        meters.forEachMeter(meter -> System.out.println(meter.getId() + " " + meter.measure()));
    }

    static void run(String url, int requests, MeterRegistry meters) throws Exception {
        ObservationRegistry observations = ObservationRegistry.create();
        observations.observationConfig().observationHandler(new DefaultMeterObservationHandler(meters));
        try (Connection connection = new PenstockConnectionFactory(url).createConnection()) {
            Session server = JmsInstrumentation.instrumentSession(connection.createSession(), observations);
            Session client = JmsInstrumentation.instrumentSession(connection.createSession(), observations);
            Queue queue = server.createQueue("observed-requests");
            server.createConsumer(queue).setMessageListener(request -> reply(server, (TextMessage) request));

            CountDownLatch replies = new CountDownLatch(requests);
            TemporaryQueue replyTo = client.createTemporaryQueue();
            MessageConsumer consumer = client.createConsumer(replyTo);
            consumer.setMessageListener(reply -> replies.countDown());
            connection.start();
            try (Session sending = JmsInstrumentation.instrumentSession(connection.createSession(), observations);
                    MessageProducer producer = sending.createProducer(queue)) {
                for (int i = 0; i < requests; i++) {
                    TextMessage request = sending.createTextMessage("request " + i);
                    request.setJMSReplyTo(replyTo);
                    producer.send(request);
                }
            }
            if (!replies.await(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException(replies.getCount() + " replies are missing");
            }
        }
    }

    private static void reply(Session session, TextMessage request) {
        try (MessageProducer producer = session.createProducer(request.getJMSReplyTo())) {
            producer.send(session.createTextMessage("reply to " + request.getText()));
        } catch (JMSException e) {
            throw new IllegalStateException("the reply cannot be sent", e);
        }
    }
}
