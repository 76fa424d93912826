package io.penstock.ra;

import io.penstock.ra.client.ConnectionDefaults;
import io.penstock.ra.inbound.EndpointSettings;
import jakarta.jms.MessageListener;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.Activation;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.io.Serializable;
import java.util.Locale;

/**
 * What a message-driven bean says of the messages that it wants, in the standard's words, Artemis' and a few of our own. A
 * bean that the container sets up and {@link #validate}s.
 */
@Activation(messageListeners = MessageListener.class)
public class PenstockActivationSpec implements ActivationSpec, Serializable {
    private static final long serialVersionUID = 1L;

    private transient PenstockResourceAdapter adapter;

    private String destination;
    private String destinationLookup;
    private String destinationType;
    private Boolean useJNDI = true;
    private String jndiParams;
    private String connectionFactoryLookup;
    private String url;
    private String user;
    private String password;
    private String clientId;
    private String acknowledgeMode = "Auto-acknowledge";
    private String messageSelector;
    private String subscriptionDurability = "NonDurable";
    private String subscriptionName;
    private Boolean shareSubscriptions = false;
    private Integer maxSession = 15;
    private Integer prefetch;
    private Integer setupAttempts = -1;
    private Long setupInterval = 2_000L;
    private Integer transactionTimeout = 0;
    private Boolean rebalanceConnections = false;

    // ---- what makes sense

    /**
     * Checks everything that can be checked without a broker.
     *
     * @throws InvalidPropertyException naming the properties
     */
    @Override
    public void validate() throws InvalidPropertyException {
        new ActivationCheck(this).check();
    }

    /** Everything an endpoint needs; what is not said is as the adapter says. */
    EndpointSettings settings(ConnectionDefaults adapters) throws ResourceException {
        boolean durable = isDurable();
        boolean shared = Boolean.TRUE.equals(shareSubscriptions);
        ConnectionDefaults own = new ConnectionDefaults(set(url), set(user), password, set(clientId));
        ConnectionDefaults all = own.or(durable && !shared ? adapters : adapters.withClientId(null));
        if (durable && !shared && all.clientId() == null && set(connectionFactoryLookup) == null) {
            throw ActivationCheck.invalid("an unshared durable subscription needs a clientId", "clientId");
        }
        return new EndpointSettings(
                all,
                set(connectionFactoryLookup),
                new EndpointSettings.Place(
                        set(destinationLookup),
                        set(destination),
                        Boolean.TRUE.equals(useJNDI),
                        ActivationCheck.topic(destinationType),
                        set(jndiParams)),
                set(messageSelector),
                word(acknowledgeMode).startsWith("dupsok"),
                new EndpointSettings.Subscribing(durable, shared, set(subscriptionName)),
                maxSession,
                prefetch == null ? 0 : prefetch,
                new EndpointSettings.Retry(setupAttempts, setupInterval),
                transactionTimeout);
    }

    boolean isDurable() {
        return "durable".equals(word(subscriptionDurability));
    }

    /** Null when it is not set. */
    static String set(String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }

    /** Letters alone: {@code Dups-ok-acknowledge} and {@code DUPS_OK_ACKNOWLEDGE} are one. */
    static String word(String text) {
        return text == null ? "" : text.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
    }

    // ---- bean: the standard's

    public String getDestination() {
        return destination;
    }

    /** A name in the server's naming context, if {@code useJNDI} and there is one; else the name in the broker. */
    public void setDestination(String destination) {
        this.destination = destination;
    }

    public String getDestinationLookup() {
        return destinationLookup;
    }

    public void setDestinationLookup(String destinationLookup) {
        this.destinationLookup = destinationLookup;
    }

    public String getDestinationType() {
        return destinationType;
    }

    public void setDestinationType(String destinationType) {
        this.destinationType = destinationType;
    }

    public String getConnectionFactoryLookup() {
        return connectionFactoryLookup;
    }

    public void setConnectionFactoryLookup(String connectionFactoryLookup) {
        this.connectionFactoryLookup = connectionFactoryLookup;
    }

    public String getAcknowledgeMode() {
        return acknowledgeMode;
    }

    public void setAcknowledgeMode(String acknowledgeMode) {
        this.acknowledgeMode = acknowledgeMode;
    }

    public String getMessageSelector() {
        return messageSelector;
    }

    public void setMessageSelector(String messageSelector) {
        this.messageSelector = messageSelector;
    }

    public String getSubscriptionDurability() {
        return subscriptionDurability;
    }

    public void setSubscriptionDurability(String subscriptionDurability) {
        this.subscriptionDurability = subscriptionDurability;
    }

    @Pattern(regexp = "\\s*|[A-Za-z0-9_.-]{1,128}")
    public String getSubscriptionName() {
        return subscriptionName;
    }

    public void setSubscriptionName(String subscriptionName) {
        this.subscriptionName = subscriptionName;
    }

    public String getClientId() {
        return clientId;
    }

    public void setClientId(String clientId) {
        this.clientId = clientId;
    }

    // ---- bean: Artemis'

    public Boolean getUseJNDI() {
        return useJNDI;
    }

    public void setUseJNDI(Boolean useJndi) {
        this.useJNDI = useJndi;
    }

    public String getJndiParams() {
        return jndiParams;
    }

    /** {@code name=value;name=value} for the naming context. */
    public void setJndiParams(String jndiParams) {
        this.jndiParams = jndiParams;
    }

    @Min(1)
    @Max(1_000)
    public Integer getMaxSession() {
        return maxSession;
    }

    /** How many messages are worked on at once. */
    public void setMaxSession(Integer maxSession) {
        this.maxSession = maxSession;
    }

    public Boolean getShareSubscriptions() {
        return shareSubscriptions;
    }

    /** Whether endpoints of the same subscription name, in this server and others, share its messages. */
    public void setShareSubscriptions(Boolean shareSubscriptions) {
        this.shareSubscriptions = shareSubscriptions;
    }

    @Min(-1)
    public Integer getSetupAttempts() {
        return setupAttempts;
    }

    /** -1 for as many as it takes. */
    public void setSetupAttempts(Integer setupAttempts) {
        this.setupAttempts = setupAttempts;
    }

    @Min(1)
    public Long getSetupInterval() {
        return setupInterval;
    }

    /** @param millis between the first attempt and the second; later ones are further apart, up to eight times as far */
    public void setSetupInterval(Long millis) {
        this.setupInterval = millis;
    }

    public Boolean getRebalanceConnections() {
        return rebalanceConnections;
    }

    /** Nothing has to be done for it: a client reaches all leaders from whichever broker it is at. */
    public void setRebalanceConnections(Boolean rebalanceConnections) {
        this.rebalanceConnections = rebalanceConnections;
    }

    @Min(0)
    public Integer getTransactionTimeout() {
        return transactionTimeout;
    }

    /** @param seconds after which a branch that is not prepared is rolled back; 0 for the transaction manager's word alone */
    public void setTransactionTimeout(Integer seconds) {
        this.transactionTimeout = seconds;
    }

    public String getUser() {
        return user;
    }

    public void setUser(String user) {
        this.user = user;
    }

    public String getUserName() {
        return user;
    }

    /** Another word for {@link #setUser}; an empty one is none. */
    public void setUserName(String userName) {
        user = set(userName) == null ? user : userName;
    }

    public String getPassword() {
        return password;
    }

    public void setPassword(String password) {
        this.password = password;
    }

    // ---- bean: ours

    @Pattern(regexp = PenstockResourceAdapter.URL_PATTERN)
    public String getUrl() {
        return url;
    }

    /** Another broker than the adapter's. */
    public void setUrl(String url) {
        this.url = url;
    }

    @Min(1)
    @Max(100_000)
    public Integer getPrefetch() {
        return prefetch;
    }

    /** How many messages a session holds ahead; 1 unless there is one session only. */
    public void setPrefetch(Integer messages) {
        this.prefetch = messages;
    }

    // ---- the adapter

    @Override
    public ResourceAdapter getResourceAdapter() {
        return adapter;
    }

    @Override
    public void setResourceAdapter(ResourceAdapter resourceAdapter) throws ResourceException {
        if (!(resourceAdapter instanceof PenstockResourceAdapter own)) {
            throw new ResourceException("not a Penstock resource adapter: " + resourceAdapter);
        }
        this.adapter = own;
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "PenstockActivationSpec[" + (destinationLookup == null ? destination : destinationLookup)
                + (subscriptionName == null ? "" : ", subscription " + subscriptionName) + "]";
    }
}
