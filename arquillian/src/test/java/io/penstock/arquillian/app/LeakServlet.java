package io.penstock.arquillian.app;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;

/**
 * Whether something of an application is left after it has gone: {@code mark} is called in the application, the
 * others in another one, later.
 */
@WebServlet({"/mark", "/gone", "/threads"})
public class LeakServlet extends HttpServlet {
    private static final long serialVersionUID = 1;
    /** The system's properties are what applications of one server have in common. */
    private static final String KEY = "penstock.leak.loader";

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        switch (request.getServletPath()) {
            case "/mark" ->
                System.getProperties().put(KEY, new WeakReference<>(getClass().getClassLoader()));
            case "/gone" -> {
                System.gc();
                Reference<?> loader = (Reference<?>) System.getProperties().get(KEY);
                response.getWriter().print(loader.refersTo(null));
            }
            default -> {
                for (Thread thread : Thread.getAllStackTraces().keySet()) {
                    response.getWriter().println(thread.getName());
                }
            }
        }
    }
}
