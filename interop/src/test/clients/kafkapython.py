"""kafka-python 2.0.2: an old client that speaks old versions of everything."""
import sys

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

broker, name = sys.argv[1], sys.argv[2]

admin = KafkaAdminClient(bootstrap_servers=broker)
admin.create_topics([NewTopic(name, 2, 1)])
assert name in admin.list_topics()

producer = KafkaProducer(bootstrap_servers=broker, compression_type="gzip")
futures = [producer.send(name, key=b"k%d" % (i % 5), value=b"v%d" % i, headers=[("n", b"%d" % i)]) for i in range(1000)]
producer.flush(30)
places = {(f.get(20).partition, f.get(20).offset) for f in futures}
assert len(places) == 1000


def read(count):
    consumer = KafkaConsumer(name, bootstrap_servers=broker, group_id=name + "-g", auto_offset_reset="earliest",
                             enable_auto_commit=False, consumer_timeout_ms=20000)
    records = []
    for record in consumer:
        records.append(record)
        if len(records) == count:
            break
    consumer.commit()
    committed = sum(consumer.committed(TopicPartition(name, p)) or 0 for p in range(2))
    consumer.close()
    return records, committed


records, committed = read(1000)
assert sorted(r.value for r in records) == sorted(b"v%d" % i for i in range(1000)), len(records)
assert all(r.headers == [("n", r.value[1:])] for r in records)
assert committed == 1000, committed

producer.send(name, value=b"next").get(20)
records, _ = read(1)
assert [r.value for r in records] == [b"next"]

assert (name + "-g", "consumer") in admin.list_consumer_groups()
described = admin.describe_consumer_groups([name + "-g"])[0]
assert described.state == "Empty", described
offsets = admin.list_consumer_group_offsets(name + "-g")
assert sum(o.offset for o in offsets.values()) == 1001, offsets
ends = KafkaConsumer(bootstrap_servers=broker).end_offsets([TopicPartition(name, 0), TopicPartition(name, 1)])
assert sum(ends.values()) == 1001, ends
admin.delete_topics([name])
print("OK")
