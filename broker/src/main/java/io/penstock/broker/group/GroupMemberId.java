package io.penstock.broker.group;

/**
 * Who speaks, and for which generation.
 *
 * @param memberId empty for one that is not a member (an administrator, a consumer with assigned partitions)
 * @param instanceId null for a dynamic member
 * @param generation -1 for one that is not a member
 */
public record GroupMemberId(String groupId, String memberId, String instanceId, int generation) {}
