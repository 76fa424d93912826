package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.metadata.InMemoryMetadataStore;
import io.penstock.broker.request.Audience;
import io.penstock.broker.security.UserCredentials;
import io.penstock.broker.security.UserFile;
import io.penstock.protocol.message.AuthenticateRequest;
import io.penstock.protocol.message.AuthenticateResponse;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.PrivateResponseHeader;
import io.penstock.protocol.scram.ScramClient;
import io.penstock.protocol.scram.ScramMechanism;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.SaslAuthenticateRequest;
import org.apache.kafka.common.requests.SaslAuthenticateResponse;
import org.apache.kafka.common.requests.SaslHandshakeRequest;
import org.apache.kafka.common.requests.SaslHandshakeResponse;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * B7a: Kafka's own clients log in, strangers do not, and nobody but a broker may ask what is for brokers (RELIABILITY.md, Security and
 * bad input: requests before login).
 */
@Timeout(120)
class LoginIT {
    private static final String PASSWORD = "pa\"ss=w\u00f6rd,\\ \ud83d\udd11";

    @TempDir
    Path directory;

    private UserFile users;
    private Broker broker;

    @BeforeEach
    void start() throws Exception {
        users = new UserFile(directory.resolve("users"));
        add("alice", PASSWORD);
        broker = Broker.start(config("127.0.0.1", "false"), new InMemoryMetadataStore("login"));
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private BrokerConfig config(String host, String anonymous) throws InvalidConfigException {
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://" + host + ":0");
        properties.put("advertised.listeners", "PLAINTEXT://127.0.0.1:0");
        properties.put("log.dirs", directory.toString());
        if (anonymous != null) {
            properties.put("allow.anonymous", anonymous);
        }
        return BrokerConfig.parse(properties);
    }

    private void add(String name, String password) throws Exception {
        UserCredentials credentials = UserCredentials.of(password, 4096, new SecureRandom());
        users.change(before -> before.with(name, credentials));
    }

    private Map<String, Object> client(String mechanism, String user, String password) {
        String module = mechanism.equals("PLAIN")
                ? "org.apache.kafka.common.security.plain.PlainLoginModule"
                : "org.apache.kafka.common.security.scram.ScramLoginModule";
        return Map.of(
                "bootstrap.servers",
                broker.host() + ":" + broker.port(),
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                mechanism,
                "sasl.jaas.config",
                module + " required username=" + quoted(user) + " password=" + quoted(password) + ";",
                "request.timeout.ms",
                10_000,
                "default.api.timeout.ms",
                20_000);
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private int nodes(String mechanism, String user, String password) throws Throwable {
        try (Admin admin = Admin.create(client(mechanism, user, password))) {
            return admin.describeCluster().nodes().get(30, TimeUnit.SECONDS).size();
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }

    private static void await(String what, java.util.concurrent.Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.call()) {
            assertTrue(System.nanoTime() < end, what);
            Thread.sleep(20);
        }
    }

    // ---- Kafka's clients

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})
    void aUserIsLetInByEachMechanism(String mechanism) throws Throwable {
        assertEquals(1, nodes(mechanism, "alice", PASSWORD));
    }

    /** A stranger learns nothing from the refusal, not even whether the user exists. */
    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})
    void aWrongPasswordAndAnUnknownUserAreRefusedAlike(String mechanism) {
        String wrong = assertThrows(SaslAuthenticationException.class, () -> nodes(mechanism, "alice", PASSWORD + "x"))
                .getMessage();
        String unknown = assertThrows(SaslAuthenticationException.class, () -> nodes(mechanism, "mallory", "x"))
                .getMessage();
        assertEquals(wrong, unknown);
        assertThrows(SaslAuthenticationException.class, () -> nodes(mechanism, "__broker", "x"));
    }

    @Test
    void recordsTravelOverALogin() {
        Map<String, Object> alice = client("SCRAM-SHA-512", "alice", PASSWORD);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(alice, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("orders", "k", "v"));
        }
        Map<String, Object> reader = new java.util.HashMap<>(client("PLAIN", "alice", PASSWORD));
        reader.put("group.id", "readers");
        reader.put("auto.offset.reset", "earliest");
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(reader, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("orders"));
            List<String> values = new ArrayList<>();
            while (values.isEmpty()) {
                consumer.poll(Duration.ofMillis(200)).forEach(each -> values.add(each.value()));
            }
            assertEquals(List.of("v"), values);
        }
    }

    @Test
    void aRunningBrokerTakesUsersAndLosesThem() throws Throwable {
        assertThrows(SaslAuthenticationException.class, () -> nodes("PLAIN", "bob", "b"));
        add("bob", "b");
        await("bob was not let in", () -> {
            try {
                return nodes("SCRAM-SHA-256", "bob", "b") == 1;
            } catch (SaslAuthenticationException e) {
                return false;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        });
        try (RawClient bob = new RawClient(broker.port())) {
            logIn(bob, "bob", "b");
            users.change(before -> before.without("bob"));
            assertTrue(bob.endsWithoutAnswer(), "the connection of a user that is gone");
        }
        assertThrows(SaslAuthenticationException.class, () -> nodes("SCRAM-SHA-256", "bob", "b"));
        assertEquals(1, nodes("SCRAM-SHA-256", "alice", PASSWORD));
    }

    // ---- strangers

    private static ApiVersionsRequest apiVersions() {
        return new ApiVersionsRequest(
                new ApiVersionsRequestData().setClientSoftwareName("raw").setClientSoftwareVersion("1"), (short) 3);
    }

    private static Set<Short> listed(RawClient client) throws Exception {
        ApiVersionsResponse response = client.ask(apiVersions());
        return response.data().apiKeys().stream().map(ApiVersion::apiKey).collect(Collectors.toSet());
    }

    @Test
    void theLoginIsListedWhereThereAreUsersAlone() throws Throwable {
        try (RawClient client = new RawClient(broker.port())) {
            assertTrue(listed(client)
                    .containsAll(Set.of(
                            ApiKeys.SASL_HANDSHAKE.id, ApiKeys.SASL_AUTHENTICATE.id, PenstockApi.AUTHENTICATE.key())));
            users.change(before -> before.without("alice"));
            await("the login is listed still", () -> {
                Set<Short> now = listed(client);
                return !now.contains(ApiKeys.SASL_HANDSHAKE.id)
                        && !now.contains(ApiKeys.SASL_AUTHENTICATE.id)
                        && !now.contains(PenstockApi.AUTHENTICATE.key());
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void noKafkaRequestBeforeALogin(ApiKeys api) throws Exception {
        try (RawClient stranger = new RawClient(broker.port())) {
            if (Audience.of(api) != Audience.ANYBODY) {
                stranger.write(RawClient.frame(api.id, api.latestVersion(), 1, new byte[64]));
                assertTrue(stranger.endsWithoutAnswer());
            }
        }
    }

    @Test
    void noRequestOfOursBeforeALogin() throws Exception {
        try (RawClient stranger = new RawClient(broker.port())) {
            for (PenstockApi api : PenstockApi.values()) {
                if (Audience.of(api) != Audience.ANYBODY && api.replied()) {
                    assertEquals(PenstockError.NOT_AUTHENTICATED, error(stranger, api), api.toString());
                }
            }
        }
    }

    @Test
    void whatIsForBrokersIsRefusedToUsers() throws Exception {
        try (RawClient alice = new RawClient(broker.port())) {
            logIn(alice, "alice", PASSWORD);
            for (PenstockApi api : PenstockApi.values()) {
                if (api.betweenBrokers()) {
                    assertEquals(PenstockError.NOT_AUTHORISED, error(alice, api), api.toString());
                }
            }
        }
    }

    @Test
    void aLongFrameBeforeALoginEndsTheConnection() throws Exception {
        try (RawClient stranger = new RawClient(broker.port())) {
            stranger.write(ByteBuffer.allocate(64).putInt(65_537).array());
            assertTrue(stranger.endsWithoutAnswer());
        }
        try (RawClient alice = new RawClient(broker.port())) {
            logIn(alice, "alice", PASSWORD);
            byte[] body = new byte[200_000];
            alice.write(RawClient.frame(PenstockApi.PING.key(), 0, 7, body));
            assertEquals(7, alice.frame().getInt());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\u0000",
                "\u0000alice",
                "\u0000alice\u0000",
                "bob\u0000alice\u0000" + PASSWORD,
                "\u0000a\r\n2026 ERROR forged\u0000x",
                "\u0000\u202e\u0000x"
            })
    void plainTokensThatAreNone(String token) throws Exception {
        try (RawClient stranger = new RawClient(broker.port())) {
            assertEquals(Errors.NONE.code(), handshake(stranger, "PLAIN").data().errorCode());
            SaslAuthenticateResponse refused = authenticate(stranger, token.getBytes(StandardCharsets.UTF_8));
            assertEquals(Errors.SASL_AUTHENTICATION_FAILED, refused.error());
            assertEquals("Authentication failed: invalid user name or password", refused.errorMessage());
            assertTrue(stranger.endsWithoutAnswer());
        }
    }

    @Test
    void mechanismsThatAreNotSpoken() throws Exception {
        try (RawClient stranger = new RawClient(broker.port())) {
            for (String each : List.of("GSSAPI", "OAUTHBEARER", "", "io.penstock.Evil", "plain")) {
                SaslHandshakeResponse refused = handshake(stranger, each);
                assertEquals(
                        Errors.UNSUPPORTED_SASL_MECHANISM.code(), refused.data().errorCode(), each);
                assertEquals(
                        List.of("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"),
                        refused.data().mechanisms());
            }
            // Our own request takes no password in the clear.
            assertEquals(
                    PenstockError.NOT_AUTHENTICATED,
                    answer(stranger, PenstockApi.AUTHENTICATE, new AuthenticateRequest("PLAIN", ByteBuffer.allocate(1)))
                            .error());
            assertTrue(stranger.endsWithoutAnswer());
        }
        try (RawClient stranger = new RawClient(broker.port())) {
            assertEquals(
                    Errors.SASL_AUTHENTICATION_FAILED,
                    authenticate(stranger, new byte[] {1}).error(),
                    "a step without a handshake");
        }
    }

    @Test
    void nobodyBecomesSomebodyElse() throws Exception {
        try (RawClient alice = new RawClient(broker.port())) {
            logIn(alice, "alice", PASSWORD);
            assertEquals(
                    Errors.ILLEGAL_SASL_STATE.code(),
                    handshake(alice, "PLAIN").data().errorCode());
        }
    }

    private static SaslHandshakeResponse handshake(RawClient client, String mechanism) throws Exception {
        return client.ask(new SaslHandshakeRequest(new SaslHandshakeRequestData().setMechanism(mechanism), (short) 1));
    }

    private static SaslAuthenticateResponse authenticate(RawClient client, byte[] token) throws Exception {
        return client.ask(
                new SaslAuthenticateRequest(new SaslAuthenticateRequestData().setAuthBytes(token), (short) 2));
    }

    // ---- our own login

    private record Answer(PenstockError error, ByteBuffer body) {}

    private static Answer answer(RawClient client, PenstockApi api, PrivateMessage request) throws Exception {
        ByteBuffer body = ByteBuffer.allocate(request.sizeBytes());
        request.writeTo(body);
        client.write(RawClient.frame(api.key(), 0, 1, body.array()));
        ByteBuffer frame = client.frame();
        return new Answer(PrivateResponseHeader.read(frame).error(), frame);
    }

    /** With a body that no request has: who may not ask is told that first. */
    private static PenstockError error(RawClient client, PenstockApi api) throws Exception {
        client.write(RawClient.frame(api.key(), 0, 1, new byte[0]));
        return PrivateResponseHeader.read(client.frame()).error();
    }

    private static void logIn(RawClient client, String user, String password) throws Exception {
        ScramMechanism mechanism = ScramMechanism.SHA_256;
        ScramClient scram = new ScramClient(
                mechanism,
                user,
                (salt, iterations) -> mechanism.saltedPassword(password, salt, iterations),
                new byte[ScramClient.NONCE_BYTES]);
        Answer first =
                answer(client, PenstockApi.AUTHENTICATE, new AuthenticateRequest(mechanism.text(), scram.first()));
        assertEquals(PenstockError.NONE, first.error());
        Answer last = answer(
                client,
                PenstockApi.AUTHENTICATE,
                new AuthenticateRequest(
                        mechanism.text(),
                        scram.last(AuthenticateResponse.read(first.body(), (short) 0)
                                .token())));
        assertEquals(PenstockError.NONE, last.error());
        AuthenticateResponse done = AuthenticateResponse.read(last.body(), (short) 0);
        assertTrue(done.complete());
        scram.verify(done.token());
    }

    // ---- a start

    @Test
    void aBrokerForOthersWantsUsersOrAWord() throws Exception {
        stop();
        users.change(before -> before.without("alice"));
        String refused = assertThrows(NoUsersException.class, () -> start("0.0.0.0", null))
                .getMessage();
        assertTrue(refused.contains("penstock user add"), refused);
        assertThrows(NoUsersException.class, () -> start("0.0.0.0", "false"));
        start("0.0.0.0", "true");
        try (RawClient anybody = new RawClient(broker.port())) {
            assertEquals(PenstockError.INVALID_REQUEST, error(anybody, PenstockApi.OPEN_CONNECTION));
        }
        stop();
        add("alice", PASSWORD);
        start("0.0.0.0", null);
        try (RawClient stranger = new RawClient(broker.port())) {
            assertEquals(PenstockError.NOT_AUTHENTICATED, error(stranger, PenstockApi.PING));
        }
    }

    private void start(String host, String anonymous) throws Exception {
        broker = Broker.start(config(host, anonymous), new InMemoryMetadataStore("login"));
    }
}
