package io.penstock.jms.session;

import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.MessageNotWriteableRuntimeException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.ResourceAllocationRuntimeException;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.TransactionInProgressRuntimeException;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.TransactionRolledBackRuntimeException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;

/** Exceptions of the specification: checked ones thrown again by another thread, and their unchecked twins. */
public final class JmsExceptions {

    /** Something that throws a checked exception. */
    public interface Call<T> {
        T run() throws JMSException;
    }

    /** Something that throws a checked exception and returns nothing. */
    public interface Action {
        void run() throws JMSException;
    }

    private interface Unchecked {
        JMSRuntimeException make(String message, String code, Throwable cause);
    }

    private record Twins(BiFunction<String, String, JMSException> checked, Unchecked unchecked) {}

    private static final Map<Class<?>, Twins> TWINS = new LinkedHashMap<>();

    static {
        TWINS.put(
                IllegalStateException.class, new Twins(IllegalStateException::new, IllegalStateRuntimeException::new));
        TWINS.put(
                InvalidClientIDException.class,
                new Twins(InvalidClientIDException::new, InvalidClientIDRuntimeException::new));
        TWINS.put(
                InvalidDestinationException.class,
                new Twins(InvalidDestinationException::new, InvalidDestinationRuntimeException::new));
        TWINS.put(
                InvalidSelectorException.class,
                new Twins(InvalidSelectorException::new, InvalidSelectorRuntimeException::new));
        TWINS.put(JMSSecurityException.class, new Twins(JMSSecurityException::new, JMSSecurityRuntimeException::new));
        TWINS.put(
                MessageFormatException.class,
                new Twins(MessageFormatException::new, MessageFormatRuntimeException::new));
        TWINS.put(
                MessageNotWriteableException.class,
                new Twins(MessageNotWriteableException::new, MessageNotWriteableRuntimeException::new));
        TWINS.put(
                ResourceAllocationException.class,
                new Twins(ResourceAllocationException::new, ResourceAllocationRuntimeException::new));
        TWINS.put(
                TransactionInProgressException.class,
                new Twins(TransactionInProgressException::new, TransactionInProgressRuntimeException::new));
        TWINS.put(
                TransactionRolledBackException.class,
                new Twins(TransactionRolledBackException::new, TransactionRolledBackRuntimeException::new));
    }

    private static final Twins PLAIN = new Twins(JMSException::new, JMSRuntimeException::new);

    private JmsExceptions() {}

    /** The same exception with the stack trace of the caller, and the original as its cause. */
    static JMSException again(JMSException original) {
        JMSException copy = twins(original).checked.apply(original.getMessage(), original.getErrorCode());
        copy.initCause(original);
        copy.setLinkedException(original.getLinkedException() == null ? original : original.getLinkedException());
        return copy;
    }

    /** The unchecked twin (Messaging 3.1 §11). */
    public static JMSRuntimeException unchecked(JMSException checked) {
        return twins(checked).unchecked.make(checked.getMessage(), checked.getErrorCode(), checked);
    }

    public static <T> T unchecked(Call<T> call) {
        try {
            return call.run();
        } catch (JMSException e) {
            throw unchecked(e);
        }
    }

    public static void unchecked(Action action) {
        try {
            action.run();
        } catch (JMSException e) {
            throw unchecked(e);
        }
    }

    private static Twins twins(JMSException exception) {
        return TWINS.getOrDefault(exception.getClass(), PLAIN);
    }
}
