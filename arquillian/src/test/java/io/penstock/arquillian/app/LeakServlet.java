package io.penstock.arquillian.app;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whether something of an application is left after it has gone: {@code mark} is called in the application, the
 * others in another one, later.
 */
@WebServlet({"/mark", "/busy", "/gone", "/threads"})
public class LeakServlet extends HttpServlet {
    private static final long serialVersionUID = 1;
    /** As many calls at once occupy all threads of WildFly, which is configured to have so many. */
    public static final int CALLS_AT_ONCE = 4;

    private static final int BUSY_SECONDS_MAX = 3;
    private static final CyclicBarrier TOGETHER = new CyclicBarrier(CALLS_AT_ONCE);
    /** The system's properties are what applications of one server have in common. */
    private static final String KEY = "penstock.leak.loader";

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        switch (request.getServletPath()) {
            case "/mark" ->
                System.getProperties().put(KEY, new WeakReference<>(getClass().getClassLoader()));
            case "/busy" -> {
                try {
                    TOGETHER.await(BUSY_SECONDS_MAX, TimeUnit.SECONDS);
                } catch (BrokenBarrierException | TimeoutException | InterruptedException e) {
                    TOGETHER.reset(); // The server has fewer threads: all of them have been busy then, too.
                }
            }
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
