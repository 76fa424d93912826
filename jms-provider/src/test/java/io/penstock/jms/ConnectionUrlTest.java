package io.penstock.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.client.BrokerAddress;
import io.penstock.jms.jndi.PenstockObjectFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class ConnectionUrlTest {

    @Test
    void brokersAndOptionsAreTakenApart() {
        ConnectionUrl url = ConnectionUrl.parse("penstock://a:1,b,[::1]:3?jms.clientID=me%20too&jms.prefetch=7");
        assertEquals(
                List.of(new BrokerAddress("a", 1), new BrokerAddress("b", 9092), new BrokerAddress("::1", 3)),
                url.brokers());
        assertEquals("me too", url.options().get(UrlOption.CLIENT_ID));
        assertEquals("7", url.options().get(UrlOption.PREFETCH));
    }

    @Test
    void failoverListsAreListsOfBrokers() {
        assertEquals(
                List.of(new BrokerAddress("a", 1), new BrokerAddress("b", 2)),
                ConnectionUrl.parse("failover:(penstock://a:1,penstock://b:2)?failover.maxReconnectAttempts=0")
                        .brokers());
        ConnectionUrl url = ConnectionUrl.parse(
                "failover:(penstock://a:1?transport.tcpNoDelay=true,penstock://b?jms.prefetch=3)?jms.clientID=c");
        assertEquals(List.of(new BrokerAddress("a", 1), new BrokerAddress("b", 9092)), url.brokers());
        assertEquals("3", url.options().get(UrlOption.PREFETCH));
        assertEquals("c", url.options().get(UrlOption.CLIENT_ID));
        assertEquals(
                List.of(new BrokerAddress("a", 1), new BrokerAddress("b", 2)),
                ConnectionUrl.parse("(penstock://a:1,penstock://b:2)?ha=true").brokers());
    }

    @ParameterizedTest
    @CsvSource({
        "consumerWindowSize=4096,PREFETCH_BYTES,4096",
        "consumerWindowSize=-1,PREFETCH_BYTES,1073741824",
        "consumerWindowSize=0,PREFETCH,1",
        "jms.prefetchPolicy.all=5,PREFETCH,5",
        "jms.prefetchPolicy.all=0,PREFETCH,1",
        "reconnectAttempts=4,RECONNECT_ATTEMPTS,4",
        "initialConnectAttempts=4,INITIAL_CONNECT_ATTEMPTS,4",
        "retryInterval=4,RECONNECT_DELAY,4",
        "retryIntervalMultiplier=1.5,RECONNECT_MULTIPLIER,1.5",
        "maxRetryInterval=4,RECONNECT_DELAY_MAX,4",
        "failover.maxReconnectAttempts=4,RECONNECT_ATTEMPTS,4",
        "failover.nested.transport.connectTimeout=4,CONNECT_TIMEOUT,4",
        "autoGroup=true,AUTO_GROUP,true",
        "jms.clientID=x,CLIENT_ID,x",
        "jms.password=x,PASSWORD,x",
        "callTimeout=99,CALL_TIMEOUT,99",
        "blockOnDurableSend=false,BLOCK_ON_PERSISTENT_SEND,false",
        "clientID=x,CLIENT_ID,x",
        "groupID=g,GROUP_ID,g",
        "deserializationAllowList=a.b,DESERIALIZATION_ALLOW_LIST,a.b",
        "jms.deserializationPolicy.allowList=a.b,DESERIALIZATION_ALLOW_LIST,a.b",
        "jms.username=u,USERNAME,u"
    })
    void namesOfOtherProvidersAreKnown(String option, UrlOption known, String value) {
        assertEquals(
                value, ConnectionUrl.parse("penstock://a?" + option).options().get(known));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tcp://a:1",
                "a:1",
                "penstock://",
                "penstock://a:b",
                "penstock://a:1,tcp://b:2",
                "penstock://u:p@a:1",
                "penstock://a:1/path",
                "failover:(penstock://a:1",
                "failover:(penstock://a:1)jms.prefetch=1",
                "failover:(penstock://a:1?nonsense=1)",
                "penstock://a?nonsense=1",
                "penstock://a?jms.prefetch",
                "penstock://a?jms.prefetch=0",
                "penstock://a?jms.prefetch=many",
                "penstock://a?jms.clientID=%zz",
                "penstock://a?blockOnDurableSend=yes",
                "penstock://a?type=XA_CF",
                "penstock://a?tls=true",
                "penstock://a?trustStorePath=x",
                "penstock://a?transport.verifyHost=true",
                "penstock://a?jms.redeliveryPolicy.maxRedeliveries=3",
                "penstock://a?preAcknowledge=true",
                "penstock://a?consumerWindowSize=many",
                "penstock://a?reconnectAttempts=-2",
                "penstock://a?retryIntervalMultiplier=0.5"
            })
    void whatIsNotUnderstoodIsRefused(String url) {
        assertThrows(IllegalArgumentException.class, () -> new PenstockConnectionFactory(url));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sslEnabled=false",
                "jms.redeliveryPolicy.maxRedeliveries=-1",
                "ha=true",
                "useTopologyForLoadBalancing=false",
                "confirmationWindowSize=1048576",
                "connectionTTL=60000",
                "blockOnAcknowledge=true",
                "transport.tcpNoDelay=true",
                "transport.tcpKeepAlive=true",
                "failover.randomize=true",
                "failover.nested.amqp.vhost=x"
            })
    void whatChangesNothingIsTaken(String option) {
        assertEquals(Map.of(), ConnectionUrl.parse("penstock://a?" + option).options());
    }

    @Test
    void everyNameHasOneMeaning() {
        List<String> names = new ArrayList<>();
        for (UrlOption option : UrlOption.values()) {
            names.add(option.key());
            names.addAll(option.otherNames());
        }
        for (ForeignOption option : ForeignOption.values()) {
            names.addAll(option.names());
        }
        assertEquals(names.size(), Set.copyOf(names).size(), () -> "twice in " + names);
    }

    @Test
    void refusalsNameTheOption() {
        String unknown = assertThrows(
                        IllegalArgumentException.class,
                        () -> new PenstockConnectionFactory("penstock://a?jms.prefecth=1"))
                .getMessage();
        assertTrue(unknown.contains("jms.prefecth") && unknown.contains("jms.prefetch,"), unknown);
        String later = assertThrows(
                        IllegalArgumentException.class,
                        () -> new PenstockConnectionFactory("penstock://a?sslEnabled=true"))
                .getMessage();
        assertTrue(later.contains("TLS comes with a later version"), later);
    }

    @Test
    void factoriesAreSerialisedAndReferencedWithAllThatWasSet() throws Exception {
        PenstockConnectionFactory factory = new PenstockConnectionFactory("penstock://a:1?jms.prefetch=3");
        factory.setClientID("a b&c=d");
        factory.setPassword("secret");
        assertFalse(factory.toString().contains("secret"));

        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(factory);
        var read = (PenstockConnectionFactory)
                new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
        assertEquals("a b&c=d", read.getClientID());
        assertEquals(3, read.getPrefetch());

        var made = (PenstockConnectionFactory)
                new PenstockObjectFactory().getObjectInstance(factory.getReference(), null, null, null);
        assertEquals("a b&c=d", made.getClientID());
        assertEquals("secret", made.getPassword());
        assertEquals(3, made.getPrefetch());
    }

    @Test
    void theReferencePageHoldsTheTableOfTheCode() throws Exception {
        assertTrue(
                Files.readString(Path.of("../docs/jms.md")).contains(UrlOption.markdown()),
                "docs/jms.md must hold this table:\n" + UrlOption.markdown());
        assertTrue(
                Files.readString(Path.of("../docs/jms.md")).contains(ForeignOption.markdown()),
                "docs/jms.md must hold this table too:\n" + ForeignOption.markdown());
    }
}
