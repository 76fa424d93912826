"""confluent-kafka (librdkafka): admin, producer, consumer, groups, transactions refused."""
import sys
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

broker, name = sys.argv[1], sys.argv[2]

admin = AdminClient({"bootstrap.servers": broker})
for future in admin.create_topics([NewTopic(name, 3, 1)]).values():
    future.result(20)
for _ in range(100):
    found = admin.list_topics(timeout=20).topics.get(name)
    if found is not None and len(found.partitions) == 3:
        break
    time.sleep(0.1)
assert len(found.partitions) == 3, found

producer = Producer({"bootstrap.servers": broker, "compression.type": "lz4"})
delivered = []


def report(error, message):
    assert error is None, error
    delivered.append((message.partition(), message.offset()))


for i in range(3000):
    producer.produce(name, key=str(i % 10), value="v%d" % i, headers={"n": str(i)}, on_delivery=report)
    producer.poll(0)
assert producer.flush(30) == 0
assert len(delivered) == 3000 and len(set(delivered)) == 3000


def read(group, count):
    consumer = Consumer({"bootstrap.servers": broker, "group.id": group, "auto.offset.reset": "earliest",
                         "enable.auto.commit": False})
    consumer.subscribe([name])
    records = []
    deadline = time.time() + 60
    while len(records) < count and time.time() < deadline:
        message = consumer.poll(0.5)
        if message is None:
            continue
        assert message.error() is None, message.error()
        records.append(message)
    consumer.commit(asynchronous=False)
    committed = consumer.committed([TopicPartition(name, p) for p in range(3)], timeout=20)
    consumer.close()
    return records, committed


records, committed = read(name + "-g", 3000)
assert sorted(m.value().decode() for m in records) == sorted("v%d" % i for i in range(3000))
assert all(dict(m.headers())["n"].decode() == m.value().decode()[1:] for m in records)
last = {}
for m in records:
    assert last.get(m.partition(), -1) < m.offset(), "order within a partition"
    last[m.partition()] = m.offset()
ends = {p: 1 + max([o for q, o in delivered if q == p], default=-1) for p in range(3)}
assert all(c.offset == ends[c.partition] for c in committed if ends[c.partition] > 0), (committed, ends)

producer.produce(name, value="next", on_delivery=report)
producer.flush(30)
records, _ = read(name + "-g", 1)
assert [m.value() for m in records] == [b"next"], "goes on after the commit"

groups = {g.id: g for g in admin.list_groups(timeout=20)}
assert name + "-g" in groups, groups.keys()

for future in admin.delete_topics([name]).values():
    future.result(20)
print("OK")
