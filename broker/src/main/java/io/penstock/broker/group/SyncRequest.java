package io.penstock.broker.group;

import java.util.Map;

/**
 * A member asks for its assignment; the leader brings everybody's.
 *
 * @param protocolType null where the client does not say
 * @param protocolName null where the client does not say
 */
public record SyncRequest(
        GroupMemberId member, String protocolType, String protocolName, Map<String, byte[]> assignments) {}
