package io.penstock.protocol.scram;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RELIABILITY.md, Security: SCRAM by the vectors of RFC 7677, and what a server must not get away with. */
@Timeout(10)
class ScramTest {
    private static final String NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_FIRST =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private static final byte[] SALT = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");

    private static ScramClient client(String user, String password) {
        return new ScramClient(
                ScramMechanism.SHA_256,
                user,
                (salt, iterations) -> ScramMechanism.SHA_256.saltedPassword(password, salt, iterations),
                Base64.getDecoder().decode(NONCE));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }

    @Test
    void theExchangeOfRfc7677() throws ScramException {
        ScramClient client = client("user", "pencil");

        assertEquals("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", text(client.first()));
        assertEquals(
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                        + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                text(client.last(bytes(SERVER_FIRST))));
        client.verify(bytes("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    }

    /** The server's signature of RFC 7677 is of the server key that the credential holds. */
    @Test
    void whatIsKeptMatchesRfc7677() {
        ScramCredential kept = ScramCredential.of(ScramMechanism.SHA_256, "pencil", SALT, 4096);
        String signed = "n=user,r=rOprNGfwEbeRWgbNEkqO," + SERVER_FIRST
                + ",c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        assertEquals(
                "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
                Base64.getEncoder()
                        .encodeToString(ScramMechanism.SHA_256.hmac(
                                kept.serverKey(), signed.getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void aServerThatDoesNotKnowTheUserIsNotBelieved() throws ScramException {
        ScramClient client = client("user", "pencil");
        client.last(bytes(SERVER_FIRST));
        assertThrows(
                ScramException.class, () -> client.verify(bytes("v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")));
        assertThrows(ScramException.class, () -> client.verify(bytes("e=invalid-proof")));
        assertThrows(ScramException.class, () -> client.verify(bytes("")));
        assertThrows(ScramException.class, () -> client("user", "pencil").verify(bytes("v=")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "r=somebodyelse,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "r=rOprNGfwEbeRWgbNEkqOxx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1",
                "r=rOprNGfwEbeRWgbNEkqOxx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2147483647",
                "r=rOprNGfwEbeRWgbNEkqOxx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=many",
                "r=rOprNGfwEbeRWgbNEkqOxx,s=%%%,i=4096",
                "r=rOprNGfwEbeRWgbNEkqOxx",
                "",
                "\u0000\r\n"
            })
    void aServersFirstMessageIsChecked(String first) {
        assertThrows(ScramException.class, () -> client("user", "pencil").last(bytes(first)));
    }

    @Test
    void namesAreEscaped() {
        assertEquals("n,,n=a=3Db=2Cc,r=" + NONCE, text(client("a=b,c", "x").first()));
    }

    @ParameterizedTest
    @EnumSource
    void aCredentialChecksItsPasswordAlone(ScramMechanism mechanism) {
        ScramCredential kept = ScramCredential.of(mechanism, "Gr\u00fc\u00dfe \ud83d\udd11", SALT, 4096);

        assertTrue(kept.isOf("Gr\u00fc\u00dfe \ud83d\udd11"));
        assertFalse(kept.isOf("Gr\u00fc\u00dfe"));
        assertFalse(kept.isOf(""));
    }

    @ParameterizedTest
    @EnumSource
    void aCredentialIsReadBack(ScramMechanism mechanism) {
        ScramCredential kept = ScramCredential.of(mechanism, "pencil", SALT, 5000);
        ScramCredential read = ScramCredential.parse(mechanism, kept.text());

        assertEquals(kept, read);
        assertArrayEquals(kept.storedKey(), read.storedKey());
        assertNotEquals(kept, ScramCredential.of(mechanism, "pencil2", SALT, 5000));
    }

    @Test
    void nothingOfACredentialIsShown() {
        ScramCredential kept = ScramCredential.of(ScramMechanism.SHA_256, "pencil", SALT, 4096);
        assertEquals("SCRAM-SHA-256 credential of 4096 iterations", kept.toString());
        IllegalArgumentException wrong = assertThrows(
                IllegalArgumentException.class, () -> ScramCredential.parse(ScramMechanism.SHA_512, kept.text()));
        assertFalse(wrong.getMessage().contains(Base64.getEncoder().encodeToString(kept.storedKey())));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "salt=",
                "salt=AAAA,stored_key=AAAA,server_key=AAAA,iterations=4096",
                "salt=AAAA,salt=AAAA",
                "salt=AAAA,stored_key=AAAA,server_key=AAAA,iterations=x",
                "salt=!,stored_key=!,server_key=!,iterations=4096"
            })
    void textThatIsNoCredentialIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> ScramCredential.parse(ScramMechanism.SHA_256, text));
    }
}
