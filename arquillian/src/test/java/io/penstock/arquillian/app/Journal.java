package io.penstock.arquillian.app;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the beans of this deployment have seen, for the test to read. Any thread. */
@WebServlet("/journal")
public class Journal extends HttpServlet {
    private static final long serialVersionUID = 1;
    private static final List<String> LINES = new CopyOnWriteArrayList<>();

    public static void note(String line) {
        LINES.add(line);
    }

    /** Notes {@code prefix text}. */
    static void note(String prefix, Message message) {
        note(prefix + " " + text(message));
    }

    static String text(Message message) {
        try {
            return message.getBody(String.class);
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    static int deliveryCount(Message message) {
        try {
            return message.getIntProperty("JMSXDeliveryCount");
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain");
        for (String line : LINES) {
            response.getWriter().println(line);
        }
    }
}
