package io.penstock.jms.session;

import jakarta.jms.JMSException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits on an application's thread for what the engine promises. */
final class Waiting {
    private Waiting() {}

    /**
     * @param what is being waited for, for the text of the exception
     * @throws JMSException what the engine has failed with, with this call's stack trace; or that time is up
     */
    static <T> T until(CompletableFuture<T> future, long timeoutMillis, String what) throws JMSException {
        try {
            return future.get(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failure(e.getCause(), what);
        } catch (TimeoutException e) {
            throw new JMSException(what + ": the broker has not answered within " + timeoutMillis
                    + " ms; whether it was done is unknown");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            JMSException interrupted =
                    new JMSException(what + ": the thread was interrupted; whether it was done is unknown");
            interrupted.setLinkedException(e);
            throw interrupted;
        }
    }

    /** A failure of the engine as one that was thrown here. */
    static JMSException failure(Throwable cause, String what) {
        if (cause instanceof JMSException known) {
            return JmsExceptions.again(known);
        }
        JMSException unexpected = new JMSException(what + ": " + cause);
        unexpected.initCause(cause);
        if (cause instanceof Exception exception) {
            unexpected.setLinkedException(exception);
        }
        return unexpected;
    }
}
