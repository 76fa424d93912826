package io.penstock.broker.request.jms;

import io.penstock.broker.config.LiveSettings;
import io.penstock.broker.config.SettingsTree;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.protocol.message.AlterSettingsRequest;
import io.penstock.protocol.message.DescribeSettingsRequest;
import io.penstock.protocol.message.DescribeSettingsResponse;
import io.penstock.protocol.message.DestinationSetting;
import io.penstock.protocol.message.EmptyResponse;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** AlterSettings and DescribeSettings: what the patterns of destination names set. */
final class SettingsHandlers {
    private static final int CHANGES_MAX = 1_000;

    private SettingsHandlers() {}

    /** Rule: alter each pattern. Answered when the authority has the change. */
    static final class Alter extends JmsHandler {
        private final MetadataStore metadata;
        private final LiveSettings settings;

        Alter(JmsGate gate, MetadataStore metadata, LiveSettings settings) {
            super(PenstockApi.ALTER_SETTINGS, gate);
            this.metadata = metadata;
            this.settings = settings;
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) throws FrontException {
            List<DestinationSetting> asked =
                    AlterSettingsRequest.read(body, call.version()).changes();
            if (asked.size() > CHANGES_MAX) {
                throw FrontException.invalid(asked.size() + " settings at once; at most " + CHANGES_MAX);
            }
            Map<String, String> changes = new HashMap<>();
            for (DestinationSetting change : asked) {
                String fault = SettingsTree.fault(change.pattern(), change.key(), change.value());
                if (fault != null) {
                    throw FrontException.invalid(fault);
                }
                require(call, Authoriser.Right.ALTER, change.pattern());
                changes.put(SettingsTree.entry(change.pattern(), change.key()), change.value());
            }
            if (settings.tree().patterns() + asked.size() > SettingsTree.PATTERNS_MAX
                    && asked.stream().anyMatch(change -> change.value() != null)) {
                throw new FrontException(
                        PenstockError.LIMIT_EXCEEDED,
                        "at most " + SettingsTree.PATTERNS_MAX + " patterns have settings");
            }
            metadata.alterBrokerConfig(ClusterImage.DESTINATIONS, changes).whenComplete((done, failure) -> {
                if (failure != null) {
                    call.fail(failure);
                } else {
                    call.reply(new MessageFrame(EmptyResponse.INSTANCE));
                }
            });
        }
    }

    /** Rule: describe the destination, or everything. */
    static final class Describe extends JmsHandler {
        private final LiveSettings settings;

        Describe(JmsGate gate, LiveSettings settings) {
            super(PenstockApi.DESCRIBE_SETTINGS, gate);
            this.settings = settings;
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) throws FrontException {
            String destination =
                    DescribeSettingsRequest.read(body, call.version()).destination();
            if (destination != null) {
                Destinations.checkName(destination);
            }
            require(call, Authoriser.Right.DESCRIBE, destination == null ? "#" : destination);
            SettingsTree tree = settings.tree();
            List<SettingsTree.Setting> found = destination == null ? tree.all() : tree.inForce(destination);
            call.reply(new MessageFrame(new DescribeSettingsResponse(found.stream()
                    .map(setting -> new DestinationSetting(setting.pattern(), setting.key(), setting.value()))
                    .toList())));
        }
    }
}
