package io.penstock.protocol.selector;

import static io.penstock.protocol.selector.MessageFixture.foreign;
import static io.penstock.protocol.selector.MessageFixture.matches;
import static io.penstock.protocol.selector.MessageFixture.sent;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.protocol.record.Record;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JMS-RULES 27: the language of selectors, case by case. */
@Timeout(20)
class SelectorTest {

    private static final Record MESSAGE = sent(
            "n",
            5,
            "big",
            9007199254740993L,
            "x",
            2.5,
            "f",
            0.5f,
            "s",
            "abc",
            "quote",
            "it's",
            "empty",
            "",
            "yes",
            true,
            "no",
            false,
            "nothing",
            null,
            "Number",
            7,
            "tab",
            "a\tb\nc",
            "price_eur",
            3,
            "größe",
            "groß",
            "JMSType",
            "car",
            "JMSPriority",
            "9",
            "JMSDeliveryMode",
            "NON_PERSISTENT",
            "JMSMessageID",
            "ID:1",
            "JMSXGroupID",
            "g1",
            "JMSXGroupSeq",
            4,
            "JMSXDeliveryCount",
            3);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                // comparisons, exact and approximate
                "n = 5|true",
                "n <> 5|false",
                "n = 5.0|true",
                "n < 5.5|true",
                "x >= 2.5|true",
                "f = 0.5|true",
                "n = +5|true",
                "n = -(-5)|true",
                "n = 0x5|true",
                "n = 005|true",
                "n = 0b101|true",
                "n = 5L|true",
                "n = 5e0|true",
                "n = 5.|true",
                "x = .25e1|true",
                "x = 2_5e-1|true",
                "n = 0_5|true",
                "n = 0x1.4p2|true",
                "big = 9007199254740993|true",
                "big = 9007199254740992|false",
                "n > -9223372036854775808|true",
                "0xFFFFFFFFFFFFFFFF = -1|true",
                "n = 'abc'|false",
                "n <> 'abc'|false",
                "NOT (n = 'abc')|true",
                "s = 5|false",
                "s <> 5|false",
                "s < 5|false",
                "yes = 1|false",
                "yes = TRUE|true",
                "yes <> false|true",
                "s = 'abc'|true",
                "s = 'ABC'|false",
                "s <> 'ab'|true",
                "s = quote|false",
                "s = s|true",
                "s > quote|false",
                "quote = 'it''s'|true",
                "empty = ''|true",
                "'a' = 'a'|true",
                "'a' = 1|false",
                "(n > 1) = TRUE|true",
                // identifiers
                "N = 5|false",
                "Number = 7|true",
                "number = 7|false",
                "price_eur = 3|true",
                "größe = 'groß'|true",
                // boolean context
                "yes|true",
                "no|false",
                "NOT no|true",
                "NOT NOT yes|true",
                "NOT NOT missing|false",
                "s|false",
                "yes AND n = 5|true",
                "TRUE|true",
                "not false and yes|true",
                // precedence
                "no OR yes AND no|false",
                "(no OR yes) AND yes|true",
                "NOT no AND yes|true",
                "1 + 2 * 3 = 7|true",
                "(1 + 2) * 3 = 9|true",
                "10 - 4 - 3 = 3|true",
                "8 / 4 / 2 = 1|true",
                "-n + 10 = n|true",
                "- -n = 5|true",
                "n - -1 = 6|true",
                // arithmetic
                "7 / 2 = 3|true",
                "7 / 2.0 = 3.5|true",
                "n / 0 = 1|false",
                "NOT (n / 0 = 1)|false",
                "1.0 / 0 > 9e300|true",
                "9223372036854775807 + 1 < 0|true",
                "(-9223372036854775808) / -1 < 0|true",
                "s + 1 = 2|false",
                "NOT (s + 1 = 2)|false",
                "missing * 2 = 2|false",
                // three values
                "missing = 1|false",
                "NOT (missing = 1)|false",
                "missing = 1 OR yes|true",
                "missing = 1 AND no|false",
                "NOT (missing = 1 AND no)|true",
                "NOT (missing = 1 OR no)|false",
                "missing = missing|false",
                "missing|false",
                "NOT missing|false",
                "nothing = 'x'|false",
                // IS NULL
                "missing IS NULL|true",
                "missing IS NOT NULL|false",
                "nothing IS NULL|true",
                "n is not null|true",
                "JMSCorrelationID IS NULL|true",
                // BETWEEN
                "n BETWEEN 5 AND 5|true",
                "n BETWEEN 6 AND 9|false",
                "n NOT BETWEEN 6 AND 9|true",
                "n BETWEEN 1 AND 3 OR yes|true",
                "x between 1 + 1 and 2 * 2|true",
                "missing BETWEEN 1 AND 2|false",
                "missing NOT BETWEEN 1 AND 2|false",
                "n BETWEEN 9 AND missing|false",
                "NOT (n BETWEEN 9 AND missing)|true",
                "s NOT BETWEEN 1 AND 2|false",
                // IN
                "s IN ('x', 'abc')|true",
                "s NOT IN ('x', 'abc')|false",
                "s IN ('x')|false",
                "n IN ('5')|false",
                "n NOT IN ('5')|true",
                "missing IN ('x')|false",
                "missing NOT IN ('x')|false",
                // LIKE
                "s LIKE 'abc'|true",
                "s LIKE 'a%'|true",
                "s LIKE '%c'|true",
                "s LIKE '%b%'|true",
                "s LIKE 'a_c'|true",
                "s LIKE '_b%'|true",
                "s LIKE '%_c'|true",
                "s LIKE 'ab'|false",
                "s LIKE 'bc'|false",
                "s LIKE '%'|true",
                "s LIKE '____'|false",
                "s LIKE 'abc%abc'|false",
                "s NOT LIKE 'a%'|false",
                "s LIKE 'a!_c' ESCAPE '!'|false",
                "s LIKE 'a!%' ESCAPE '!'|false",
                "s LIKE '!abc' ESCAPE '!'|true",
                "empty LIKE ''|true",
                "empty LIKE '%%'|true",
                "empty LIKE '_'|false",
                "tab LIKE 'a_b_c'|true",
                "tab LIKE 'a%c'|true",
                "größe LIKE 'gr_ß'|true",
                "quote LIKE '%''_'|true",
                "n LIKE '5'|false",
                "n NOT LIKE '5'|true",
                "missing LIKE '%'|false",
                "missing NOT LIKE '%'|false",
                // headers and JMSX
                "JMSType = 'car'|true",
                "JMSPriority = 9|true",
                "JMSPriority > 4 AND JMSType LIKE 'c%'|true",
                "JMSDeliveryMode = 'NON_PERSISTENT'|true",
                "JMSDeliveryMode = 'PERSISTENT'|false",
                "JMSDeliveryMode = 1|false",
                "JMSMessageID = 'ID:1'|true",
                "JMSTimestamp = 1700000000000|true",
                "JMSXGroupID = 'g1'|true",
                "JMSXGroupSeq = 4|true",
                "JMSXDeliveryCount IS NULL|true",
                "JMSXOther IS NULL|true",
                // reserved words as they stand in other cases, white space
                "n=5 aNd Yes = tRuE|false",
                "n=5 aNd yes = tRuE|true",
            })
    void selects(String selector, boolean expected) {
        assertEquals(expected, matches(selector, MESSAGE), selector);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "n",
                "n = 'x",
                "n =",
                "= 5",
                "n == 5",
                "n != 5",
                "n = 5 x",
                "n = 5 AND",
                "n = 5)",
                "(n = 5",
                "()",
                "5",
                "'a'",
                "n + 1",
                "NOT 5",
                "NOT 'a'",
                "n = 5 OR 'a'",
                "n = 5 = TRUE",
                "s < 'abc'",
                "s >= 'abc'",
                "TRUE > FALSE",
                "s + 'a' = 'b'",
                "-'a' = 'b'",
                "+TRUE",
                "'a' BETWEEN 1 AND 2",
                "n BETWEEN 'a' AND 'b'",
                "n BETWEEN 1 OR 2",
                "n BETWEEN 1",
                "BETWEEN 1 AND 2",
                "s IN ()",
                "s IN ('a',)",
                "s IN (5)",
                "s IN 'a'",
                "'a' IN ('a')",
                "(s) IN ('a')",
                "n + 1 IN ('a')",
                "s LIKE 5",
                "s LIKE x",
                "'a' LIKE 'a'",
                "s LIKE 'a' ESCAPE 'ab'",
                "s LIKE 'a' ESCAPE ''",
                "s LIKE 'a!' ESCAPE '!'",
                "s LIKE 'a' ESCAPE",
                "5 IS NULL",
                "(s) IS NULL",
                "s IS 5",
                "s IS NOT",
                "NULL = 5",
                "s = NULL",
                "s NOT = 5",
                "AND",
                "or = 5",
                "Like = 5",
                "escape = 5",
                "5n = 5",
                "a.b = 5",
                "a-b",
                "n = 9223372036854775808",
                "n = --9223372036854775808",
                "n = 0x10000000000000000",
                "n = 08",
                "n = 0x",
                "n = 1e",
                "n = 1e999",
                "n = 1.5L",
                "n = 1_",
                "n = 1._5",
                "n = 0b12",
                "JMSDestination = 'a'",
                "JMSReplyTo IS NULL",
                "JMSExpiration = 0",
                "JMSRedelivered = TRUE",
                "JMSDeliveryTime > 5",
                "JMSFoo = 1",
                "\u0000",
                "n ; 5",
                "\"s\" = 'abc'",
            })
    void refuses(String selector) {
        if (selector.equals("n") || selector.equals("a-b")) {
            // Not wrong: an identifier may be a boolean; a difference is none.
            assertEquals(selector.equals("n"), isValid(selector));
            return;
        }
        SelectorSyntaxException refusal =
                assertThrows(SelectorSyntaxException.class, () -> Selector.compile(selector), selector);
        assertTrue(refusal.getMessage().length() > 20, refusal.getMessage());
    }

    private static boolean isValid(String selector) {
        try {
            Selector.compile(selector);
            return true;
        } catch (SelectorSyntaxException e) {
            return false;
        }
    }

    @Test
    void whiteSpaceIsAnyOfJavas() {
        assertTrue(matches("\n n\t=\r\n5\f", MESSAGE));
    }

    @Test
    void emptySelectorIsNone() {
        assertTrue(Selector.isNone(null));
        assertTrue(Selector.isNone(""));
        assertTrue(Selector.isNone(" \t"));
        assertFalse(Selector.isNone("a"));
    }

    @Test
    void foreignRecordsAreSelectedByWhatTheyAreToJms() {
        Record record = foreign(
                "k1".getBytes(StandardCharsets.UTF_8),
                "content-type",
                "application/json",
                "count",
                "5",
                "NULL",
                "n",
                "JMSFoo",
                "j",
                "JMSXThing",
                "t",
                "9a",
                "nine",
                "a-b",
                "first",
                "a.b",
                "second",
                "a_c",
                "exact",
                "a-c",
                "changed",
                "raw",
                new byte[] {(byte) 0xff, 1},
                "count2",
                "1",
                "count2",
                "2",
                "JMSPriority",
                "high",
                "JMSType",
                "car");

        assertTrue(matches("content_type = 'application/json'", record));
        assertTrue(matches("count = '5' AND NOT (count = 5)", record));
        assertTrue(matches("_NULL = 'n' AND _JMSFoo = 'j' AND JMSXThing = 't' AND _9a = 'nine'", record));
        assertTrue(matches("a_b = 'first'", record));
        assertTrue(matches("a_c = 'exact'", record));
        assertTrue(matches("raw = 'base64:/wE='", record));
        assertTrue(matches("count2 = '2'", record));
        assertTrue(matches("JMSXGroupID = 'k1'", record));
        assertTrue(matches("JMSPriority = 4 AND JMSType = 'car' AND JMSDeliveryMode = 'PERSISTENT'", record));
        assertTrue(matches("JMSMessageID = 'ID:orders-3-0'", record));
        assertTrue(matches("JMS_Penstock_Key = '/wE='", foreign(new byte[] {(byte) 0xff, 1})));
    }

    @Test
    void propertyWhoseTextDoesNotFitItsTypeStaysText() {
        Record record = foreign(
                null,
                "penstock.types",
                "text;a=int,b=boolean,c=byte,d=double,e=long",
                "a",
                "five",
                "b",
                "TRUE",
                "c",
                "128",
                "d",
                "x1",
                "e",
                "9223372036854775808");

        assertTrue(matches("a = 'five' AND b = 'TRUE' AND c = '128' AND d = 'x1'", record));
        assertTrue(matches("e = '9223372036854775808'", record));
    }

    @Test
    void hostileTextIsRefusedAndNotSuffered() {
        for (String hostile : new String[] {
            "(".repeat(10_000) + "a" + ")".repeat(10_000),
            "(".repeat(10_000),
            "a" + " OR a".repeat(10_000),
            "a = '" + "x".repeat(1 << 20) + "'",
            "a = " + "1".repeat(10_000),
            "a IN (" + "'x',".repeat(7_000) + "'y')",
            "a LIKE 'x'" + " OR a LIKE 'x'".repeat(300),
            "a = 1" + " + 1".repeat(6_000),
            "NOT ".repeat(7_000) + "a",
            "a = " + "-".repeat(7_000) + "1",
            "a LIKE '%" + "_".repeat(65) + "%'",
        }) {
            assertTimeout(
                    Duration.ofSeconds(2),
                    () -> assertThrows(SelectorSyntaxException.class, () -> Selector.compile(hostile)));
        }
    }

    /** Within the limits nothing is deep: a small stack suffices. */
    @Test
    void longestAllowedSelectorsNeedLittleStack() throws InterruptedException {
        Throwable[] failure = new Throwable[1];
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        assertTrue(matches("(".repeat(100) + "yes" + ")".repeat(100), MESSAGE));
                        assertTrue(matches("no" + " OR no".repeat(2_000) + " OR yes", MESSAGE));
                        assertTrue(matches("2001 = 1" + "+1".repeat(2_000), MESSAGE));
                        assertTrue(matches("NOT ".repeat(2_000) + "yes", MESSAGE));
                        assertTrue(matches("-".repeat(2_000) + "n = 5", MESSAGE));
                        assertTrue(matches("(NOT ".repeat(100) + "yes" + ")".repeat(100), MESSAGE));
                    } catch (Throwable e) {
                        failure[0] = e;
                    }
                },
                "small-stack",
                512 << 10);
        thread.start();
        thread.join();
        assertDoesNotThrow(() -> {
            if (failure[0] != null) {
                throw failure[0];
            }
        });
    }

    @Test
    void likeIsLinearWhateverThePattern() {
        Record record = sent("s", "a".repeat(60_000));
        String[] patterns = {
            "%a".repeat(5_000) + "%b",
            "%" + "a".repeat(10_000) + "b%",
            "%a%a%a%a%a%a%a%a%a%a%a%a%b%",
            "%" + "_a".repeat(32) + "%" + "a_".repeat(31) + "b_%",
            "%" + "a".repeat(5_000) + "%" + "a".repeat(5_000) + "%b",
        };
        assertTimeout(Duration.ofSeconds(5), () -> {
            for (String pattern : patterns) {
                for (int i = 0; i < 20; i++) {
                    assertFalse(matches("s LIKE '" + pattern + "'", record));
                }
            }
        });
        assertTrue(matches("s LIKE '" + "%a".repeat(5_000) + "'", record));
    }

    @Test
    void valuesBeyondTheLimitAreNull() {
        Record record = sent("s", "a".repeat(Selector.VALUE_BYTES_MAX + 1), "t", "a".repeat(Selector.VALUE_BYTES_MAX));
        assertTrue(matches("s IS NULL AND t IS NOT NULL AND t LIKE 'a%a'", record));
    }

    @Test
    void matcherForgetsTheRecordBefore() throws SelectorSyntaxException {
        SelectorMatcher matcher = new SelectorMatcher(Selector.compile("a = 1 OR b = 2"), null, 0);
        assertTrue(matcher.matches(sent("a", 1)));
        assertFalse(matcher.matches(sent("c", 1)));
        assertTrue(matcher.matches(sent("b", 2)));
        assertFalse(matcher.matches(sent("a", 2, "b", 1)));
    }

    @Test
    void faultsSayWhereAndWhat() {
        SelectorSyntaxException refusal =
                assertThrows(SelectorSyntaxException.class, () -> Selector.compile("a = 1 AND b LIKE 5"));
        assertEquals(
                "the selector is not valid at character 18, near 'a = 1 AND b LIKE 5': a string was expected after LIKE",
                refusal.getMessage());
    }
}
