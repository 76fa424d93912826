package io.penstock.samples.legacy;

import java.util.ArrayList;
import java.util.Enumeration;
import java.util.Hashtable;
import java.util.List;
import javax.jms.Connection;
import javax.jms.ConnectionFactory;
import javax.jms.JMSContext;
import javax.jms.JMSException;
import javax.jms.MapMessage;
import javax.jms.MessageConsumer;
import javax.jms.MessageProducer;
import javax.jms.Queue;
import javax.jms.QueueBrowser;
import javax.jms.QueueConnection;
import javax.jms.QueueConnectionFactory;
import javax.jms.QueueSender;
import javax.jms.QueueSession;
import javax.jms.Session;
import javax.jms.TextMessage;
import javax.jms.Topic;
import javax.jms.TopicConnection;
import javax.jms.TopicConnectionFactory;
import javax.jms.TopicSession;
import javax.jms.TopicSubscriber;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingException;

/** Orders, invoices and prices, as such programs were written for JMS 1.0, 1.1 and 2.0. */
@SuppressWarnings("BanJNDI") // That is how these programs find their provider.
public final class LegacyOrders {
    private static final long WAIT_MILLIS = 10_000;

    private final Context naming;

    /** @param environment what {@code jndi.properties} does not say */
    public LegacyOrders(Hashtable<String, String> environment) throws NamingException {
        naming = new InitialContext(environment);
    }

    /** The broker's URL is the argument, or the one of {@code jndi.properties}. */
    public static void main(String[] args) throws Exception {
        Hashtable<String, String> environment = new Hashtable<>();
        if (args.length > 0) {
            environment.put("penstock.url", args[0]);
        }
        LegacyOrders orders = new LegacyOrders(environment);
        orders.sendOrders(3);
        System.out.println("waiting: " + orders.browse());
        System.out.println("invoiced: " + orders.invoiceAll());
        System.out.println("invoices: " + orders.invoices());
        System.out.println("prices: " + orders.pricesOfTwoDays());
    }

    private <T> T find(String name, Class<T> type) throws NamingException {
        return type.cast(naming.lookup("jms/" + name));
    }

    /** JMS 1.0: the interfaces of the queues' domain. */
    public void sendOrders(int count) throws JMSException, NamingException {
        QueueConnectionFactory factory = find("QueueConnectionFactory", QueueConnectionFactory.class);
        QueueConnection connection = factory.createQueueConnection();
        try {
            QueueSession session = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
            QueueSender sender = session.createSender(find("Orders", Queue.class));
            for (int number = 1; number <= count; number++) {
                MapMessage order = session.createMapMessage();
                order.setInt("number", number);
                order.setString("customer", "c-" + number % 2);
                order.setStringProperty("customer", "c-" + number % 2);
                sender.send(order);
            }
        } finally {
            connection.close();
        }
    }

    /** The numbers of the orders that wait, of customer c-1 alone. */
    public List<Integer> browse() throws JMSException, NamingException {
        List<Integer> numbers = new ArrayList<>();
        QueueConnection connection =
                find("QueueConnectionFactory", QueueConnectionFactory.class).createQueueConnection();
        try {
            QueueSession session = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
            QueueBrowser browser = session.createBrowser(find("Orders", Queue.class), "customer = 'c-1'");
            for (Enumeration<?> all = browser.getEnumeration(); all.hasMoreElements(); ) {
                numbers.add(((MapMessage) all.nextElement()).getInt("number"));
            }
        } finally {
            connection.close();
        }
        return numbers;
    }

    /** JMS 1.1: an order goes and its invoice comes, in one transaction; the first attempt at each order fails. */
    public int invoiceAll() throws JMSException, NamingException {
        int invoiced = 0;
        Connection connection =
                find("ConnectionFactory", ConnectionFactory.class).createConnection();
        try {
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
            MessageConsumer orders = session.createConsumer(find("Orders", Queue.class));
            MessageProducer invoices = session.createProducer(find("Invoices", Queue.class));
            connection.start();
            MapMessage order = (MapMessage) orders.receive(WAIT_MILLIS);
            while (order != null) {
                invoices.send(session.createTextMessage(
                        "invoice " + order.getInt("number") + " for " + order.getString("customer")));
                if (order.getJMSRedelivered()) {
                    session.commit();
                    invoiced++;
                } else {
                    session.rollback();
                }
                order = (MapMessage) orders.receive(500);
            }
        } finally {
            connection.close();
        }
        return invoiced;
    }

    /** JMS 2.0: the short interfaces, and a queue without an entry in the naming service. */
    public List<String> invoices() throws NamingException {
        List<String> texts = new ArrayList<>();
        Queue invoices = (Queue) naming.lookup("dynamicQueues/legacy-invoices");
        try (JMSContext context =
                find("ConnectionFactory", ConnectionFactory.class).createContext()) {
            javax.jms.JMSConsumer consumer = context.createConsumer(invoices);
            String text = consumer.receiveBody(String.class, WAIT_MILLIS);
            while (text != null) {
                texts.add(text);
                text = consumer.receiveBody(String.class, 500);
            }
        }
        return texts;
    }

    /** JMS 1.0: the interfaces of the topics' domain; what is published at night is there in the morning. */
    public List<String> pricesOfTwoDays() throws JMSException, NamingException {
        List<String> prices = new ArrayList<>();
        TopicConnectionFactory factory = find("TopicConnectionFactory", TopicConnectionFactory.class);
        Topic topic = find("Prices", Topic.class);
        for (int day = 1; day <= 2; day++) {
            TopicConnection connection = factory.createTopicConnection();
            try {
                TopicSession session = connection.createTopicSession(false, Session.CLIENT_ACKNOWLEDGE);
                TopicSubscriber subscriber = session.createDurableSubscriber(topic, "prices");
                connection.start();
                if (day == 2) {
                    TextMessage overnight = (TextMessage) subscriber.receive(WAIT_MILLIS);
                    prices.add(overnight.getText());
                    overnight.acknowledge();
                }
                session.createPublisher(topic).publish(session.createTextMessage("day " + day));
                TextMessage today = (TextMessage) subscriber.receive(WAIT_MILLIS);
                prices.add(today.getText());
                today.acknowledge();
                session.createPublisher(topic).publish(session.createTextMessage("night " + day));
                subscriber.close();
                if (day == 2) {
                    session.unsubscribe("prices");
                }
            } finally {
                connection.close();
            }
        }
        return prices;
    }
}
