package io.penstock.broker.zookeeper;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Values of znodes as JSON. A value of a newer version than ours is refused, unknown fields are passed over. */
final class ZNodeJson {
    static final int VERSION = 1;
    private static final int DEPTH_MAX = 8;
    private static final JsonFactory JSON = new JsonFactory();

    private ZNodeJson() {}

    /** A live broker as its znode tells it. */
    record BrokerNode(BrokerImage image, String instance) {}

    /** A broker's latest registration, which outlives it. */
    record EpochNode(long epoch, long uncleanEpoch) {}

    /** A topic's znode: id and replicas of each partition. */
    record TopicNode(UUID id, List<List<Integer>> replicas) {}

    /** The controller's znode. */
    record ControllerNode(int broker, int epoch, String instance) {}

    /** Who uses a client id: a connection of one life of a broker. */
    record ClientNode(int broker, long startEpoch, long connection) {}

    static byte[] client(int broker, long startEpoch, long connection) {
        return write(json -> {
            json.writeNumberField("broker", broker);
            json.writeNumberField("start_epoch", startEpoch);
            json.writeNumberField("connection", connection);
        });
    }

    static ClientNode client(String path, byte[] value) {
        Map<String, Object> json = read(path, value);
        return new ClientNode(
                (int) number(path, json, "broker"),
                number(path, json, "start_epoch"),
                number(path, json, "connection"));
    }

    static byte[] broker(BrokerImage broker, String instance) {
        return write(json -> {
            json.writeStringField("host", broker.host());
            json.writeNumberField("port", broker.port());
            if (broker.rack() != null) {
                json.writeStringField("rack", broker.rack());
            }
            json.writeNumberField("epoch", broker.epoch());
            json.writeNumberField("start_epoch", broker.startEpoch());
            json.writeNumberField("unclean_epoch", broker.uncleanEpoch());
            if (broker.leaving()) {
                json.writeBooleanField("leaving", true);
            }
            json.writeStringField("instance", instance);
        });
    }

    static BrokerNode broker(String path, int id, byte[] value) {
        Map<String, Object> json = read(path, value);
        long epoch = number(path, json, "epoch");
        return new BrokerNode(
                new BrokerImage(
                        id,
                        epoch,
                        text(path, json, "host"),
                        (int) number(path, json, "port"),
                        (String) json.get("rack"),
                        number(path, json, "start_epoch", epoch),
                        number(path, json, "unclean_epoch", -1),
                        Boolean.TRUE.equals(json.get("leaving"))),
                text(path, json, "instance"));
    }

    static byte[] brokerEpoch(long epoch, long uncleanEpoch, String instance) {
        return write(json -> {
            json.writeNumberField("epoch", epoch);
            json.writeNumberField("unclean_epoch", uncleanEpoch);
            json.writeStringField("instance", instance);
        });
    }

    static EpochNode brokerEpoch(String path, byte[] value) {
        Map<String, Object> json = read(path, value);
        return new EpochNode(number(path, json, "epoch"), number(path, json, "unclean_epoch", -1));
    }

    static byte[] topic(TopicImage topic) {
        return write(json -> {
            json.writeStringField("id", topic.id().toString());
            json.writeArrayFieldStart("partitions");
            for (PartitionImage partition : topic.partitions()) {
                ids(json, partition.replicas());
            }
            json.writeEndArray();
        });
    }

    static TopicNode topic(String path, byte[] value) {
        Map<String, Object> json = read(path, value);
        List<List<Integer>> replicas = new ArrayList<>();
        for (Object partition : list(path, json, "partitions")) {
            replicas.add(ids(path, partition));
        }
        return new TopicNode(UUID.fromString(text(path, json, "id")), replicas);
    }

    static byte[] state(PartitionImage partition, int controllerEpoch) {
        return write(json -> {
            json.writeNumberField("leader", partition.leader());
            json.writeNumberField("leader_epoch", partition.leaderEpoch());
            json.writeFieldName("isr");
            ids(json, partition.isr());
            json.writeNumberField("controller_epoch", controllerEpoch);
            if (!partition.eligible().isEmpty()) {
                json.writeFieldName("eligible");
                ids(json, partition.eligible());
            }
            if (!partition.stamps().isEmpty()) {
                json.writeObjectFieldStart("stamps");
                for (Map.Entry<Integer, Long> stamp : partition.stamps().entrySet()) {
                    json.writeNumberField(Integer.toString(stamp.getKey()), stamp.getValue());
                }
                json.writeEndObject();
            }
            json.writeFieldName("replicas");
            ids(json, partition.replicas());
            if (partition.reassigning()) {
                json.writeFieldName("adding_replicas");
                ids(json, partition.adding());
                json.writeFieldName("removing_replicas");
                ids(json, partition.removing());
            }
        });
    }

    /** @param first the replicas with which the partition was made */
    static PartitionImage state(String path, int index, List<Integer> first, byte[] value, int version) {
        Map<String, Object> json = read(path, value);
        return new PartitionImage(
                index,
                (int) number(path, json, "leader"),
                (int) number(path, json, "leader_epoch"),
                ids(path, json, "replicas", first),
                ids(path, json.get("isr")),
                ids(path, json, "eligible", List.of()),
                version,
                stamps(path, json.get("stamps")),
                ids(path, json, "adding_replicas", List.of()),
                ids(path, json, "removing_replicas", List.of()));
    }

    private static Map<Integer, Long> stamps(String path, Object value) {
        if (value == null) {
            return Map.of();
        }
        if (!(value instanceof Map<?, ?> fields)) {
            throw malformed(path, "stamps", null);
        }
        Map<Integer, Long> stamps = new HashMap<>();
        try {
            fields.forEach((id, stamp) -> stamps.put(Integer.valueOf((String) id), (Long) stamp));
        } catch (ClassCastException | NumberFormatException e) {
            throw malformed(path, "stamps", e);
        }
        return stamps;
    }

    static byte[] controller(int broker, int epoch, String instance) {
        return write(json -> {
            json.writeNumberField("broker", broker);
            json.writeNumberField("epoch", epoch);
            json.writeStringField("instance", instance);
        });
    }

    static ControllerNode controller(byte[] value) {
        Map<String, Object> json = read(ZNodes.CONTROLLER, value);
        return new ControllerNode(
                (int) number(ZNodes.CONTROLLER, json, "broker"),
                (int) number(ZNodes.CONTROLLER, json, "epoch"),
                text(ZNodes.CONTROLLER, json, "instance"));
    }

    static byte[] config(Map<String, String> config) {
        return write(json -> {
            json.writeObjectFieldStart("config");
            for (Map.Entry<String, String> entry : config.entrySet()) {
                json.writeStringField(entry.getKey(), entry.getValue());
            }
            json.writeEndObject();
        });
    }

    static Map<String, String> config(String path, byte[] value) {
        if (!(read(path, value).get("config") instanceof Map<?, ?> config)) {
            throw malformed(path, "config", null);
        }
        Map<String, String> result = new LinkedHashMap<>();
        config.forEach((key, setting) -> result.put((String) key, String.valueOf(setting)));
        return result;
    }

    /** A value with one number: an epoch, the next producer id. */
    static byte[] number(String field, long value) {
        return write(json -> json.writeNumberField(field, value));
    }

    static long number(String path, String field, byte[] value) {
        return number(path, read(path, value), field);
    }

    /** A value with one text: the cluster's id, a topic's id. */
    static byte[] text(String field, String value) {
        return write(json -> json.writeStringField(field, value));
    }

    static String text(String path, String field, byte[] value) {
        return text(path, read(path, value), field);
    }

    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    private static byte[] write(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeNumberField("version", VERSION);
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void ids(JsonGenerator json, List<Integer> ids) throws IOException {
        json.writeStartArray();
        for (int id : ids) {
            json.writeNumber(id);
        }
        json.writeEndArray();
    }

    private static Map<String, Object> read(String path, byte[] value) {
        try (JsonParser json = JSON.createParser(value == null ? new byte[0] : value)) {
            if (json.nextToken() == JsonToken.START_OBJECT && object(json, 1) instanceof Map<?, ?> fields) {
                @SuppressWarnings("unchecked")
                Map<String, Object> result = (Map<String, Object>) fields;
                if (number(path, result, "version") > VERSION) {
                    throw new MalformedZNodeException(path, "was written by a newer release", null);
                }
                return result;
            }
            throw new MalformedZNodeException(path, "holds no JSON object", null);
        } catch (IOException e) {
            throw new MalformedZNodeException(path, "holds no JSON", e);
        }
    }

    private static Object object(JsonParser json, int depth) throws IOException {
        if (depth > DEPTH_MAX) {
            throw new IOException("nested too deep");
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            fields.put(name, value(json, depth));
        }
        return fields;
    }

    private static Object value(JsonParser json, int depth) throws IOException {
        return switch (json.currentToken()) {
            case START_OBJECT -> object(json, depth + 1);
            case START_ARRAY -> {
                if (depth > DEPTH_MAX) {
                    throw new IOException("nested too deep");
                }
                List<Object> items = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    items.add(value(json, depth + 1));
                }
                yield items;
            }
            case VALUE_STRING -> json.getText();
            case VALUE_NUMBER_INT -> json.getLongValue();
            case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case VALUE_NULL -> null;
            default -> throw new IOException("unexpected " + json.currentToken());
        };
    }

    private static long number(String path, Map<String, Object> json, String field) {
        if (json.get(field) instanceof Long value) {
            return value;
        }
        throw malformed(path, field, null);
    }

    private static long number(String path, Map<String, Object> json, String field, long otherwise) {
        return json.containsKey(field) ? number(path, json, field) : otherwise;
    }

    private static String text(String path, Map<String, Object> json, String field) {
        if (json.get(field) instanceof String value) {
            return value;
        }
        throw malformed(path, field, null);
    }

    private static List<?> list(String path, Map<String, Object> json, String field) {
        if (json.get(field) instanceof List<?> value) {
            return value;
        }
        throw malformed(path, field, null);
    }

    private static List<Integer> ids(String path, Object value) {
        if (!(value instanceof List<?> items)) {
            throw malformed(path, "broker ids", null);
        }
        List<Integer> ids = new ArrayList<>(items.size());
        for (Object item : items) {
            if (!(item instanceof Long id)) {
                throw malformed(path, "broker ids", null);
            }
            ids.add((int) (long) id);
        }
        return List.copyOf(ids);
    }

    private static List<Integer> ids(String path, Map<String, Object> json, String field, List<Integer> otherwise) {
        return json.containsKey(field) ? ids(path, json.get(field)) : otherwise;
    }

    private static MalformedZNodeException malformed(String path, String field, Throwable cause) {
        return new MalformedZNodeException(path, "has no usable '" + field + "'", cause);
    }
}
