package io.penstock.ra;

import io.penstock.ra.client.ConnectionDefaults;
import io.penstock.ra.client.RecoveryResource;
import io.penstock.ra.inbound.Activations;
import io.penstock.ra.inbound.EndpointSettings;
import jakarta.resource.NotSupportedException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.AuthenticationMechanism;
import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.ConfigProperty;
import jakarta.resource.spi.Connector;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterInternalException;
import jakarta.resource.spi.TransactionSupport.TransactionSupportLevel;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.io.Serializable;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import javax.transaction.xa.XAResource;

/**
 * Penstock in an application server: where the broker is, unless a connection factory or an endpoint says otherwise, and the
 * endpoints that are active. A bean that the container sets up, starts and stops; thread-safe from its start on.
 */
@Connector(
        displayName = "Penstock",
        vendorName = "Penstock",
        eisType = "Jakarta Messaging 3.1",
        version = "0.1.0",
        transactionSupport = TransactionSupportLevel.XATransaction,
        authMechanisms =
                @AuthenticationMechanism(
                        authMechanism = "BasicPassword",
                        credentialInterface = AuthenticationMechanism.CredentialInterface.PasswordCredential))
public class PenstockResourceAdapter implements ResourceAdapter, Serializable {
    /** Of bean validation; what is wrong behind the scheme is said by the client. */
    static final String URL_PATTERN = "\\s*|penstock://.+|failover:.+";

    private static final long serialVersionUID = 1L;

    @ConfigProperty(
            description = "penstock://host:port[,host:port...][?options]",
            defaultValue = "penstock://localhost:9092")
    private String url = "penstock://localhost:9092";

    @ConfigProperty(description = "The user of connections for which nobody names one")
    private String userName;

    @ConfigProperty(description = "The user's password", confidential = true)
    private String password;

    @ConfigProperty(description = "Client id of endpoints with an unshared durable subscription that name none")
    private String clientId;

    private transient volatile Activations activations;

    // ---- bean

    @NotNull
    @Pattern(regexp = URL_PATTERN)
    public String getUrl() {
        return url;
    }

    public void setUrl(String url) {
        this.url = url;
    }

    public String getServerUrl() {
        return url;
    }

    /** Another word for {@link #setUrl}; an empty one is none. */
    public void setServerUrl(String serverUrl) {
        url = serverUrl == null || serverUrl.isBlank() ? url : serverUrl;
    }

    public String getUserName() {
        return userName;
    }

    public void setUserName(String userName) {
        this.userName = userName;
    }

    public String getPassword() {
        return password;
    }

    public void setPassword(String password) {
        this.password = password;
    }

    public String getClientId() {
        return clientId;
    }

    public void setClientId(String clientId) {
        this.clientId = clientId;
    }

    ConnectionDefaults defaults() {
        return new ConnectionDefaults(blank(url), blank(userName), password, blank(clientId));
    }

    private static String blank(String text) {
        return text == null || text.isBlank() ? null : text;
    }

    // ---- lifecycle

    @Override
    public void start(BootstrapContext context) throws ResourceAdapterInternalException {
        try {
            defaults().factory();
        } catch (IllegalArgumentException e) {
            throw new ResourceAdapterInternalException(e.getMessage(), e);
        }
        activations = new Activations(context);
    }

    @Override
    public void stop() {
        Activations all = activations;
        activations = null;
        if (all != null) {
            all.close();
        }
    }

    // ---- endpoints

    @Override
    public void endpointActivation(MessageEndpointFactory factory, ActivationSpec spec) throws ResourceException {
        running().activate(factory, spec, settings(spec));
    }

    @Override
    public void endpointDeactivation(MessageEndpointFactory factory, ActivationSpec spec) {
        Activations all = activations;
        if (all != null) {
            all.deactivate(factory, spec);
        }
    }

    private Activations running() throws ResourceException {
        Activations all = activations;
        if (all == null) {
            throw new jakarta.resource.spi.IllegalStateException("the resource adapter is not started");
        }
        return all;
    }

    private EndpointSettings settings(ActivationSpec spec) throws ResourceException {
        if (!(spec instanceof PenstockActivationSpec own)) {
            throw new NotSupportedException("not an activation of this adapter: " + spec);
        }
        own.validate();
        return own.settings(defaults());
    }

    /** One for each broker and user that the endpoints have. */
    @Override
    public XAResource[] getXAResources(ActivationSpec[] specs) throws ResourceException {
        Set<ConnectionDefaults> brokers = new LinkedHashSet<>();
        for (ActivationSpec spec : specs) {
            brokers.add(settings(spec).connection().withClientId(null));
        }
        return brokers.stream().map(RecoveryResource::new).toArray(XAResource[]::new);
    }

    // ---- the rest

    @Override
    public boolean equals(Object other) {
        return other != null
                && other.getClass() == getClass()
                && other instanceof PenstockResourceAdapter that
                && defaults().equals(that.defaults());
    }

    @Override
    public int hashCode() {
        return Objects.hash(url, userName, clientId);
    }
}
