package io.penstock.broker.group;

import io.penstock.broker.shard.ShardLog;

/** The port to one partition of the offsets topic. Owner thread only. */
interface GroupLog extends ShardLog<GroupRecord> {}
