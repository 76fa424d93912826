package io.penstock.jms.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 26: every cell of the conversion tables of properties, Map and Stream messages (Messaging 3.1 §3.5.4, §3.11.3). */
@Timeout(20)
class ConversionsTest {
    private static final List<String> READS =
            List.of("boolean", "byte", "short", "char", "int", "long", "float", "double", "String", "byte[]");
    /** What is written, and what it can be read as. */
    private static final Map<Object, String> TABLE = table();

    private static Map<Object, String> table() {
        Map<Object, String> table = new LinkedHashMap<>();
        table.put(true, "boolean String");
        table.put((byte) 5, "byte short int long String");
        table.put((short) 5, "short int long String");
        table.put('c', "char String");
        table.put(5, "int long String");
        table.put(5L, "long String");
        table.put(5f, "float double String");
        table.put(5d, "double String");
        table.put("5", "boolean byte short int long float double String");
        table.put(new byte[] {5}, "byte[]");
        return table;
    }

    static List<Arguments> cells() {
        List<Arguments> cells = new ArrayList<>();
        TABLE.forEach((written, reads) -> READS.forEach(read ->
                cells.add(Arguments.of(written, read, List.of(reads.split(" ")).contains(read)))));
        return cells;
    }

    static List<Arguments> propertyCells() {
        return cells().stream()
                .filter(cell -> !(cell.get()[0] instanceof byte[]) && !(cell.get()[0] instanceof Character))
                .filter(cell -> !cell.get()[1].equals("char") && !cell.get()[1].equals("byte[]"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("propertyCells")
    void rule26Properties(Object written, String read, boolean allowed) throws JMSException {
        PenstockMessage message = new PenstockMessage();
        message.setObjectProperty("p", written);
        check(written, read, allowed, () -> readProperty(message, read));
    }

    @ParameterizedTest
    @MethodSource("cells")
    void rule26Maps(Object written, String read, boolean allowed) throws JMSException {
        PenstockMapMessage message = new PenstockMapMessage();
        message.setObject("p", written);
        check(written, read, allowed, () -> readMap(message, read));
    }

    @ParameterizedTest
    @MethodSource("cells")
    void rule26StreamsLeaveThePointerWhenARowHasNoSuchColumn(Object written, String read, boolean allowed)
            throws JMSException {
        PenstockStreamMessage message = new PenstockStreamMessage();
        message.writeObject(written);
        message.reset();
        check(written, read, allowed, () -> readStream(message, read));
        if (!allowed) {
            check(
                    written,
                    TABLE.get(written).split(" ")[0],
                    true,
                    () -> readStream(message, TABLE.get(written).split(" ")[0]));
        }
    }

    private interface Read {
        Object value() throws JMSException;
    }

    private static void check(Object written, String read, boolean allowed, Read how) throws JMSException {
        if (!allowed) {
            assertThrows(MessageFormatException.class, how::value);
        } else if (written instanceof byte[] bytes) {
            assertEquals(bytes[0], ((byte[]) how.value())[0]);
        } else if (written.equals("5") && read.equals("boolean")) {
            assertEquals(false, how.value());
        } else if (read.equals("float") || read.equals("double")) {
            assertEquals(5.0, ((Number) how.value()).doubleValue());
        } else {
            assertEquals(written.toString(), how.value().toString());
        }
    }

    private static Object readProperty(PenstockMessage message, String read) throws JMSException {
        return switch (read) {
            case "boolean" -> message.getBooleanProperty("p");
            case "byte" -> message.getByteProperty("p");
            case "short" -> message.getShortProperty("p");
            case "int" -> message.getIntProperty("p");
            case "long" -> message.getLongProperty("p");
            case "float" -> message.getFloatProperty("p");
            case "double" -> message.getDoubleProperty("p");
            default -> message.getStringProperty("p");
        };
    }

    private static Object readMap(PenstockMapMessage message, String read) throws JMSException {
        return switch (read) {
            case "boolean" -> message.getBoolean("p");
            case "byte" -> message.getByte("p");
            case "short" -> message.getShort("p");
            case "char" -> message.getChar("p");
            case "int" -> message.getInt("p");
            case "long" -> message.getLong("p");
            case "float" -> message.getFloat("p");
            case "double" -> message.getDouble("p");
            case "byte[]" -> message.getBytes("p");
            default -> message.getString("p");
        };
    }

    private static Object readStream(PenstockStreamMessage message, String read) throws JMSException {
        return switch (read) {
            case "boolean" -> message.readBoolean();
            case "byte" -> message.readByte();
            case "short" -> message.readShort();
            case "char" -> message.readChar();
            case "int" -> message.readInt();
            case "long" -> message.readLong();
            case "float" -> message.readFloat();
            case "double" -> message.readDouble();
            case "byte[]" -> {
                byte[] one = new byte[1];
                message.readBytes(one);
                yield one;
            }
            default -> message.readString();
        };
    }
}
