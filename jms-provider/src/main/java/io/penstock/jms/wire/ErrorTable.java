package io.penstock.jms.wire;

import io.penstock.jms.transport.RemoteErrorException;
import io.penstock.protocol.message.PenstockError;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.TransactionRolledBackException;
import java.util.concurrent.CompletionException;

/** The one place where errors of the wire become exceptions of the specification. The error code is the error's name. */
final class ErrorTable {
    private static final String ACQUISITION_LOST = PenstockError.ACQUISITION_LOST.name();

    private ErrorTable() {}

    /** @param what was being done, in the words of the exception's text */
    static JMSException translate(Throwable failure, String what) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof JMSException already) {
            return already;
        }
        JMSException translated = cause instanceof RemoteErrorException remote
                ? of(PenstockError.of(remote.code()), what + ": " + text(remote))
                : new JMSException(what + ": " + text(cause), "CONNECTION");
        translated.initCause(cause);
        if (cause instanceof Exception exception) {
            translated.setLinkedException(exception);
        }
        return translated;
    }

    private static String text(Throwable cause) {
        return cause.getMessage() == null || cause.getMessage().isEmpty() ? cause.toString() : cause.getMessage();
    }

    static JMSException of(PenstockError error, String text) {
        String code = error.name();
        return switch (error) {
            case NOT_AUTHENTICATED, NOT_AUTHORISED -> new JMSSecurityException(text, code);
            case INVALID_CLIENT_ID -> new InvalidClientIDException(text, code);
            case UNKNOWN_DESTINATION, INVALID_DESTINATION, WRONG_KIND, UNKNOWN_SUBSCRIPTION ->
                new InvalidDestinationException(text, code);
            case INVALID_SELECTOR -> new InvalidSelectorException(text, code);
            case SUBSCRIPTION_IN_USE, SUBSCRIPTION_CONFLICT, UNKNOWN_SESSION, UNKNOWN_CONSUMER, DESTINATION_IN_USE ->
                new IllegalStateException(text, code);
            case STORAGE_FULL, LIMIT_EXCEEDED -> new ResourceAllocationException(text, code);
            case TRANSACTION_ROLLED_BACK -> new TransactionRolledBackException(text, code);
            default -> new JMSException(text, code);
        };
    }

    /**
     * A commit that certainly did not happen is a rollback.
     *
     * @param again it was sent before, and it was the answer to that which was lost
     */
    static JMSException ofCommit(Throwable failure, boolean again) {
        JMSException translated = translate(failure, "committing");
        if (again && ACQUISITION_LOST.equals(translated.getErrorCode())) {
            // The session's end may have come before the question, and the commit before that.
            return new JMSException(
                    "the broker has given up the session while the connection was interrupted; whether the transaction "
                            + "was committed before is unknown",
                    ACQUISITION_LOST);
        }
        if (translated.getCause() instanceof RemoteErrorException remote
                && isCertain(PenstockError.of(remote.code()))) {
            JMSException rolledBack = new TransactionRolledBackException(
                    "the transaction was rolled back: " + text(remote), translated.getErrorCode());
            rolledBack.initCause(remote);
            rolledBack.setLinkedException(remote);
            return rolledBack;
        }
        return translated;
    }

    /** Errors after which nothing of the transaction has happened; of the others the outcome is unknown. */
    private static boolean isCertain(PenstockError error) {
        return switch (error) {
            case INTERNAL, STORAGE_FAILED, TIMED_OUT, SHUTTING_DOWN, FENCED -> false;
            default -> true;
        };
    }
}
