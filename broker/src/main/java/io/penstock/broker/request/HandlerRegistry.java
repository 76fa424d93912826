package io.penstock.broker.request;

import io.penstock.protocol.message.PenstockApi;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * The dispatch table: who serves which api key. Filled by the composition root before the first connection comes, only
 * read after that, by all event loops. What is not in here is neither listed by ApiVersions nor served.
 */
public final class HandlerRegistry {
    private final Map<ApiKeys, KafkaHandler<?>> kafka = new EnumMap<>(ApiKeys.class);
    private final Map<PenstockApi, PrivateHandler> own = new EnumMap<>(PenstockApi.class);
    private final RequestRight right;

    public HandlerRegistry() {
        this(RequestRight.byAudience());
    }

    /** @param right asked for each request */
    public HandlerRegistry(RequestRight right) {
        this.right = right;
    }

    public HandlerRegistry add(KafkaHandler<?> handler) {
        if (kafka.putIfAbsent(handler.key(), handler) != null) {
            throw new IllegalStateException(handler.key() + " has two handlers");
        }
        return this;
    }

    public HandlerRegistry add(PrivateHandler handler) {
        if (own.putIfAbsent(handler.api(), handler) != null) {
            throw new IllegalStateException(handler.api() + " has two handlers");
        }
        return this;
    }

    public HandlerRegistry addKafka(Collection<? extends KafkaHandler<?>> handlers) {
        handlers.forEach(this::add);
        return this;
    }

    public HandlerRegistry addPrivate(Collection<? extends PrivateHandler> handlers) {
        handlers.forEach(this::add);
        return this;
    }

    /** Who may ask for what. */
    public RequestRight right() {
        return right;
    }

    /** Null when nobody serves the key. */
    public KafkaHandler<?> kafka(ApiKeys key) {
        return kafka.get(key);
    }

    /** Null when nobody serves the key. */
    public PrivateHandler own(PenstockApi api) {
        return own.get(api);
    }

    List<KafkaHandler<?>> kafkaHandlers() {
        return new ArrayList<>(kafka.values());
    }

    List<PrivateHandler> privateHandlers() {
        return new ArrayList<>(own.values());
    }
}
