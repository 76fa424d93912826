// kafkajs: admin, producer with gzip, two consumers of a group, commit and resume.
import assert from 'node:assert'
import kafkajs from 'kafkajs'

const { Kafka, CompressionTypes, logLevel } = kafkajs
const [broker, name] = process.argv.slice(2)
const kafka = new Kafka({ brokers: [broker], clientId: 'interop', logLevel: logLevel.ERROR })

const admin = kafka.admin()
await admin.connect()
assert.equal(await admin.createTopics({ topics: [{ topic: name, numPartitions: 4 }], waitForLeaders: true }), true)
assert.ok((await admin.listTopics()).includes(name))

const producer = kafka.producer()
await producer.connect()
const messages = Array.from({ length: 1000 }, (_, i) => ({ key: `k${i % 8}`, value: `v${i}`, headers: { n: `${i}` } }))
await producer.send({ topic: name, messages: messages.slice(0, 500) })
await producer.send({ topic: name, compression: CompressionTypes.GZIP, messages: messages.slice(500) })

async function read (count, consumers) {
  const seen = []
  const readers = []
  await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`only ${seen.length} of ${count}`)), 60000).unref()
    for (let i = 0; i < consumers; i++) {
      const consumer = kafka.consumer({ groupId: `${name}-g` })
      readers.push(consumer)
      consumer.connect()
        .then(() => consumer.subscribe({ topic: name, fromBeginning: true }))
        .then(() => consumer.run({
          eachMessage: async ({ partition, message }) => {
            seen.push({ reader: i, partition, message })
            if (seen.length >= count) resolve()
          }
        }))
        .catch(reject)
    }
  })
  for (const reader of readers) await reader.disconnect()
  return seen
}

const seen = await read(1000, 2)
assert.deepEqual([...new Set(seen.map(s => s.message.value.toString()))].sort(), messages.map(m => m.value).sort())
for (const s of seen) assert.equal(s.message.headers.n.toString(), s.message.value.toString().slice(1))

await producer.send({ topic: name, messages: [{ value: 'next' }] })
const more = await read(1, 1)
assert.deepEqual(more.map(s => s.message.value.toString()), ['next'])

const offsets = await admin.fetchOffsets({ groupId: `${name}-g`, topics: [name] })
const total = offsets[0].partitions.reduce((sum, p) => sum + Math.max(0, Number(p.offset)), 0)
assert.equal(total, 1001)
const described = await admin.describeGroups([`${name}-g`])
assert.equal(described.groups[0].state, 'Empty')
assert.ok((await admin.listGroups()).groups.some(g => g.groupId === `${name}-g`))
await admin.deleteGroups([`${name}-g`])
await admin.deleteTopics({ topics: [name] })
await producer.disconnect()
await admin.disconnect()
console.log('OK')
process.exit(0)
