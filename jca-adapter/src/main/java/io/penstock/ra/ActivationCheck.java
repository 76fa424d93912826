package io.penstock.ra;

import static io.penstock.ra.PenstockActivationSpec.set;
import static io.penstock.ra.PenstockActivationSpec.word;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.resource.spi.InvalidPropertyException;
import java.beans.IntrospectionException;
import java.beans.PropertyDescriptor;
import java.util.Set;

/** What makes no sense in an activation, said with the properties' names. One thread. */
final class ActivationCheck {
    private static final Set<String> ACKNOWLEDGE_MODES =
            Set.of("", "auto", "autoacknowledge", "dupsok", "dupsokacknowledge");
    private static final Set<String> DURABILITIES = Set.of("", "durable", "nondurable");

    private final PenstockActivationSpec spec;

    ActivationCheck(PenstockActivationSpec spec) {
        this.spec = spec;
    }

    void check() throws InvalidPropertyException {
        destination();
        subscription();
        numbers();
        refuse(
                !ACKNOWLEDGE_MODES.contains(word(spec.getAcknowledgeMode())),
                "acknowledgeMode is Auto-acknowledge or Dups-ok-acknowledge, not " + spec.getAcknowledgeMode(),
                "acknowledgeMode");
        if (set(spec.getUrl()) != null) {
            try {
                new PenstockConnectionFactory(spec.getUrl());
            } catch (IllegalArgumentException e) {
                throw invalid(e.getMessage(), "url");
            }
        }
    }

    private void destination() throws InvalidPropertyException {
        refuse(
                set(spec.getDestination()) == null && set(spec.getDestinationLookup()) == null,
                "either destinationLookup or destination says where messages come from",
                "destinationLookup",
                "destination");
        Boolean topic = topic(spec.getDestinationType());
        refuse(
                topic == null && set(spec.getDestinationLookup()) == null && !Boolean.TRUE.equals(spec.getUseJNDI()),
                "destinationType says whether " + spec.getDestination()
                        + " is a jakarta.jms.Queue or a jakarta.jms.Topic",
                "destinationType");
    }

    /** Null for neither. */
    static Boolean topic(String destinationType) throws InvalidPropertyException {
        String type = set(destinationType);
        if (type == null || type.endsWith("jms.Destination")) {
            return null;
        }
        return switch (type) {
            case "jakarta.jms.Queue", "javax.jms.Queue", "Queue", "queue" -> false;
            case "jakarta.jms.Topic", "javax.jms.Topic", "Topic", "topic" -> true;
            default ->
                throw invalid(
                        "destinationType is jakarta.jms.Queue or jakarta.jms.Topic, not " + type, "destinationType");
        };
    }

    private void subscription() throws InvalidPropertyException {
        refuse(
                !DURABILITIES.contains(word(spec.getSubscriptionDurability())),
                "subscriptionDurability is Durable or NonDurable, not " + spec.getSubscriptionDurability(),
                "subscriptionDurability");
        boolean shared = Boolean.TRUE.equals(spec.getShareSubscriptions());
        refuse(
                spec.isDurable() && Boolean.FALSE.equals(topic(spec.getDestinationType())),
                "a queue has no durable subscription",
                "subscriptionDurability",
                "destinationType");
        String name = set(spec.getSubscriptionName());
        refuse(
                (spec.isDurable() || shared) && name == null,
                "a durable or shared subscription needs a subscriptionName",
                "subscriptionName");
        refuse(
                name != null && !name.matches("[A-Za-z0-9_.-]{1,128}"),
                "a subscriptionName has up to 128 letters, digits, _ . and -; not " + name,
                "subscriptionName");
    }

    private void numbers() throws InvalidPropertyException {
        within(spec.getMaxSession(), 1, 1_000, "maxSession");
        within(spec.getSetupAttempts(), -1, Integer.MAX_VALUE, "setupAttempts");
        within(spec.getSetupInterval(), 1, Integer.MAX_VALUE, "setupInterval");
        within(spec.getTransactionTimeout(), 0, Integer.MAX_VALUE, "transactionTimeout");
        if (spec.getPrefetch() != null) {
            within(spec.getPrefetch(), 1, 100_000, "prefetch");
        }
    }

    private static void within(Number value, long min, long max, String property) throws InvalidPropertyException {
        refuse(
                value == null || value.longValue() < min || value.longValue() > max,
                property + " is " + min + " to " + max + ", not " + value,
                property);
    }

    private static void refuse(boolean wrong, String text, String... properties) throws InvalidPropertyException {
        if (wrong) {
            throw invalid(text, properties);
        }
    }

    static InvalidPropertyException invalid(String text, String... properties) {
        InvalidPropertyException invalid = new InvalidPropertyException(text);
        PropertyDescriptor[] descriptors = new PropertyDescriptor[properties.length];
        for (int i = 0; i < properties.length; i++) {
            try {
                descriptors[i] = new PropertyDescriptor(properties[i], PenstockActivationSpec.class);
            } catch (IntrospectionException e) {
                throw new IllegalStateException("no property " + properties[i], e);
            }
        }
        invalid.setInvalidPropertyDescriptors(descriptors);
        return invalid;
    }
}
