// @platformatic/kafka: admin, producer, consumer with the classic group protocol.
import assert from 'node:assert'
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'

// The library calls it without asking; Node has it from version 22 on.
Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new Promise((a, b) => { resolve = a; reject = b })
  return { promise, resolve, reject }
}

const [broker, name] = process.argv.slice(2)
const common = { clientId: 'interop', bootstrapBrokers: [broker] }

const admin = new Admin(common)
await admin.createTopics({ topics: [name], partitions: 3, replicas: 1 })
assert.ok((await admin.listTopics()).includes(name))

const producer = new Producer({ ...common, serializers: stringSerializers })
for (let batch = 0; batch < 10; batch++) {
  const messages = Array.from({ length: 100 }, (_, i) => {
    const n = batch * 100 + i
    return { topic: name, key: `k${n % 7}`, value: `v${n}`, headers: { n: `${n}` } }
  })
  await producer.send({ messages, acks: -1 })
}

async function read (count) {
  const consumer = new Consumer({ ...common, groupId: `${name}-g`, deserializers: stringDeserializers })
  const stream = await consumer.consume({ topics: [name], mode: 'committed', fallbackMode: 'earliest', autocommit: false })
  const seen = []
  const limit = setTimeout(() => { console.error(`only ${seen.length} of ${count}`); process.exit(1) }, 60000)
  for await (const message of stream) {
    seen.push(message)
    await message.commit()
    if (seen.length >= count) break
  }
  clearTimeout(limit)
  await consumer.close(true)
  return seen
}

const seen = await read(1000)
assert.deepEqual(seen.map(m => m.value).sort(), Array.from({ length: 1000 }, (_, i) => `v${i}`).sort())
for (const m of seen) assert.equal(m.headers.get('n'), m.value.slice(1))

await producer.send({ messages: [{ topic: name, value: 'next' }], acks: -1 })
assert.deepEqual((await read(1)).map(m => m.value), ['next'])

assert.ok((await admin.listGroups()).has(`${name}-g`))
await admin.deleteTopics({ topics: [name] })
await producer.close()
await admin.close()
console.log('OK')
process.exit(0)
