package io.penstock.jms;

import static io.penstock.jms.session.JmsExceptions.unchecked;

import io.penstock.jms.client.ClientEngine;
import io.penstock.jms.client.ConnectionSettings;
import io.penstock.jms.client.Reconnection;
import io.penstock.jms.message.DeserializationPolicy;
import io.penstock.jms.session.Domain;
import io.penstock.jms.session.PenstockConnection;
import io.penstock.jms.session.PenstockContext;
import io.penstock.jms.session.Prefetch;
import io.penstock.jms.session.SessionOptions;
import io.penstock.jms.wire.WireEngine;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import java.io.Serializable;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;

/**
 * Makes connections to Penstock: {@code new PenstockConnectionFactory("penstock://localhost:9092")}. Options stand in the
 * URL or are set as bean properties, which win. Thread-safe once it is set up.
 */
public class PenstockConnectionFactory
        implements ConnectionFactory, QueueConnectionFactory, TopicConnectionFactory, Serializable, Referenceable {
    private static final long serialVersionUID = 1L;

    private String url;
    private final EnumMap<UrlOption, String> set = new EnumMap<>(UrlOption.class);

    /** For the broker on this machine. */
    public PenstockConnectionFactory() {
        this(ConnectionUrl.DEFAULT);
    }

    /** @throws IllegalArgumentException if the URL is malformed or has an unknown option */
    public PenstockConnectionFactory(String url) {
        setUrl(url);
    }

    // ---- connections

    @Override
    public Connection createConnection() throws JMSException {
        return open(text(UrlOption.USERNAME), text(UrlOption.PASSWORD), Domain.ANY);
    }

    @Override
    public Connection createConnection(String user, String password) throws JMSException {
        return open(user, password, Domain.ANY);
    }

    @Override
    public QueueConnection createQueueConnection() throws JMSException {
        return open(text(UrlOption.USERNAME), text(UrlOption.PASSWORD), Domain.QUEUE);
    }

    @Override
    public QueueConnection createQueueConnection(String user, String password) throws JMSException {
        return open(user, password, Domain.QUEUE);
    }

    @Override
    public TopicConnection createTopicConnection() throws JMSException {
        return open(text(UrlOption.USERNAME), text(UrlOption.PASSWORD), Domain.TOPIC);
    }

    @Override
    public TopicConnection createTopicConnection(String user, String password) throws JMSException {
        return open(user, password, Domain.TOPIC);
    }

    @Override
    public JMSContext createContext() {
        return createContext(JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        return createContext(text(UrlOption.USERNAME), text(UrlOption.PASSWORD), sessionMode);
    }

    @Override
    public JMSContext createContext(String user, String password) {
        return createContext(user, password, JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(String user, String password, int sessionMode) {
        return PenstockContext.first(unchecked(() -> open(user, password, Domain.ANY)), sessionMode);
    }

    private PenstockConnection open(String user, String password, Domain domain) throws JMSException {
        return open(user, password, domain, PenstockConnection::open);
    }

    /** How a connection of some kind is made of what was set up. */
    interface Opening<C> {
        C open(ClientEngine engine, ConnectionSettings settings, SessionOptions options, Domain domain)
                throws JMSException;
    }

    final <C> C open(String user, String password, Domain domain, Opening<C> opening) throws JMSException {
        OptionValues values = values();
        ConnectionSettings settings = new ConnectionSettings(
                ConnectionUrl.parse(url).brokers(),
                values.text(UrlOption.CLIENT_ID),
                user,
                password,
                values.number(UrlOption.CONNECT_TIMEOUT),
                values.number(UrlOption.CALL_TIMEOUT),
                values.number(UrlOption.TRANSACTION_BYTES),
                values.number(UrlOption.INITIAL_CONNECT_ATTEMPTS),
                new Reconnection(
                        values.number(UrlOption.RECONNECT_ATTEMPTS),
                        values.number(UrlOption.RECONNECT_DELAY),
                        values.decimal(UrlOption.RECONNECT_MULTIPLIER),
                        values.number(UrlOption.RECONNECT_DELAY_MAX)),
                values.bool(UrlOption.LOCAL_SOCKET));
        DeserializationPolicy deserialization =
                DeserializationPolicy.of(values.text(UrlOption.DESERIALIZATION_ALLOW_LIST));
        SessionOptions options = new SessionOptions(
                new Prefetch(values.number(UrlOption.PREFETCH), values.number(UrlOption.PREFETCH_BYTES)),
                values.bool(UrlOption.BLOCK_ON_PERSISTENT_SEND),
                values.bool(UrlOption.BLOCK_ON_NON_PERSISTENT_SEND),
                values.text(UrlOption.GROUP_ID),
                values.bool(UrlOption.AUTO_GROUP),
                deserialization);
        return opening.open(new WireEngine(deserialization), settings, options, domain);
    }

    private OptionValues values() {
        Map<UrlOption, String> all = ConnectionUrl.parse(url).options();
        all.putAll(set);
        return new OptionValues(all);
    }

    final String text(UrlOption option) {
        return values().text(option);
    }

    private void set(UrlOption option, String value) {
        if (value == null) {
            set.remove(option);
        } else {
            OptionValues.check(option, value);
            set.put(option, value);
        }
    }

    // ---- bean properties

    public String getUrl() {
        return url;
    }

    /** @throws IllegalArgumentException if the URL is malformed or has an unknown option */
    public final void setUrl(String url) {
        ConnectionUrl.parse(url);
        if (isForXa(url) && !(this instanceof PenstockXAConnectionFactory)) {
            throw new IllegalArgumentException(
                    "the URL's type is one of XA: it is for " + PenstockXAConnectionFactory.class.getName());
        }
        this.url = url;
    }

    /**
     * Whether a URL's {@code type} is one of XA; null means the default URL.
     *
     * @throws IllegalArgumentException if the URL is malformed or has an unknown option
     */
    public static boolean isForXa(String url) {
        return url != null
                && OptionValues.isXa(ConnectionUrl.parse(url).options().get(UrlOption.TYPE));
    }

    public String getClientID() {
        return text(UrlOption.CLIENT_ID);
    }

    public void setClientID(String clientId) {
        set(UrlOption.CLIENT_ID, clientId);
    }

    public String getUsername() {
        return text(UrlOption.USERNAME);
    }

    public void setUsername(String username) {
        set(UrlOption.USERNAME, username);
    }

    public String getPassword() {
        return text(UrlOption.PASSWORD);
    }

    public void setPassword(String password) {
        set(UrlOption.PASSWORD, password);
    }

    public int getPrefetch() {
        return values().number(UrlOption.PREFETCH);
    }

    public void setPrefetch(int messages) {
        set(UrlOption.PREFETCH, Integer.toString(messages));
    }

    public int getPrefetchBytes() {
        return values().number(UrlOption.PREFETCH_BYTES);
    }

    public void setPrefetchBytes(int bytes) {
        set(UrlOption.PREFETCH_BYTES, Integer.toString(bytes));
    }

    public int getCallTimeout() {
        return values().number(UrlOption.CALL_TIMEOUT);
    }

    /** @param millis how long a call waits for the broker's answer */
    public void setCallTimeout(int millis) {
        set(UrlOption.CALL_TIMEOUT, Integer.toString(millis));
    }

    public int getConnectTimeout() {
        return values().number(UrlOption.CONNECT_TIMEOUT);
    }

    /** @param millis how long connecting to one broker may take */
    public void setConnectTimeout(int millis) {
        set(UrlOption.CONNECT_TIMEOUT, Integer.toString(millis));
    }

    public int getReconnectAttempts() {
        return values().number(UrlOption.RECONNECT_ATTEMPTS);
    }

    /** @param attempts to make a lost connection again; -1 for as many as it takes, 0 for none */
    public void setReconnectAttempts(int attempts) {
        set(UrlOption.RECONNECT_ATTEMPTS, Integer.toString(attempts));
    }

    public boolean isBlockOnPersistentSend() {
        return values().bool(UrlOption.BLOCK_ON_PERSISTENT_SEND);
    }

    public void setBlockOnPersistentSend(boolean block) {
        set(UrlOption.BLOCK_ON_PERSISTENT_SEND, Boolean.toString(block));
    }

    public boolean isBlockOnNonPersistentSend() {
        return values().bool(UrlOption.BLOCK_ON_NON_PERSISTENT_SEND);
    }

    public void setBlockOnNonPersistentSend(boolean block) {
        set(UrlOption.BLOCK_ON_NON_PERSISTENT_SEND, Boolean.toString(block));
    }

    public int getTransactionBytes() {
        return values().number(UrlOption.TRANSACTION_BYTES);
    }

    public void setTransactionBytes(int bytes) {
        set(UrlOption.TRANSACTION_BYTES, Integer.toString(bytes));
    }

    public String getGroupID() {
        return text(UrlOption.GROUP_ID);
    }

    public void setGroupID(String groupId) {
        set(UrlOption.GROUP_ID, groupId);
    }

    public boolean isAutoGroup() {
        return values().bool(UrlOption.AUTO_GROUP);
    }

    public void setAutoGroup(boolean autoGroup) {
        set(UrlOption.AUTO_GROUP, Boolean.toString(autoGroup));
    }

    public String getDeserializationAllowList() {
        return text(UrlOption.DESERIALIZATION_ALLOW_LIST);
    }

    public void setDeserializationAllowList(String allowList) {
        set(UrlOption.DESERIALIZATION_ALLOW_LIST, allowList);
    }

    // ---- naming

    /** The URL with all that was set; it holds the password when there is one. */
    @Override
    public Reference getReference() {
        return reference(PenstockConnectionFactory.class);
    }

    final Reference reference(Class<? extends PenstockConnectionFactory> of) {
        StringBuilder whole = new StringBuilder(url);
        set.forEach((option, value) -> whole.append(whole.indexOf("?") < 0 ? '?' : '&')
                .append(option.key())
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20")));
        return new Reference(
                of.getName(),
                new StringRefAddr("url", whole.toString()),
                "io.penstock.jms.jndi.PenstockObjectFactory",
                null);
    }

    /** Brokers and client id; no secrets. */
    @Override
    public String toString() {
        return getClass().getSimpleName()
                + ConnectionUrl.parse(url).brokers()
                + (getClientID() == null ? "" : " clientID=" + getClientID());
    }
}
