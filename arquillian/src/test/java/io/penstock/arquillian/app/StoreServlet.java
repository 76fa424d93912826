package io.penstock.arquillian.app;

import jakarta.ejb.EJB;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;

/** {@link Store} from outside; {@code halt} names the point of two-phase commit at which the server dies. */
@WebServlet({"/create", "/store", "/count"})
public class StoreServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    @EJB
    private transient Store store;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        String text = request.getParameter("text");
        String halt = request.getParameter("halt");
        try {
            switch (request.getServletPath()) {
                case "/create" -> store.createTable();
                case "/store" -> {
                    if (halt != null) {
                        System.setProperty("penstock.halt", halt);
                    }
                    store.insertAndSend(
                            text,
                            request.getParameter("queue"),
                            request.getParameter("queueFirst") != null,
                            request.getParameter("rollback") != null);
                }
                default -> response.getWriter().print(store.count(text));
            }
        } catch (SQLException e) {
            throw new ServletException(e);
        }
    }
}
