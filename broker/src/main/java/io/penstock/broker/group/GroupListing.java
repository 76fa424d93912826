package io.penstock.broker.group;

/** One line in the list of groups. */
public record GroupListing(String groupId, String protocolType, GroupState state) {}
