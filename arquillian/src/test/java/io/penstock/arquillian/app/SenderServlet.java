package io.penstock.arquillian.app;

import jakarta.ejb.EJB;
import jakarta.jms.JMSException;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** {@link Sender} from outside. */
@WebServlet({"/send", "/send-by-connection", "/send-without-transaction", "/receive"})
public class SenderServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    @EJB
    private transient Sender sender;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        String queue = request.getParameter("queue");
        String text = request.getParameter("text");
        boolean rollBack = request.getParameter("rollback") != null;
        try {
            switch (request.getServletPath()) {
                case "/send" -> sender.send(queue, text, rollBack);
                case "/send-by-connection" -> sender.sendByConnection(queue, text, rollBack);
                case "/send-without-transaction" -> sender.sendWithoutTransaction(queue, text);
                default -> response.getWriter().print(sender.receive(queue, rollBack));
            }
        } catch (JMSException e) {
            throw new ServletException(e);
        }
    }
}
