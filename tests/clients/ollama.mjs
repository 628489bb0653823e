// Drives Thimble's server with Ollama's own client. Usage: node ollama.mjs ADDRESS. Prints the number of checks.
import assert from 'node:assert/strict'
import { Ollama } from 'ollama'
import { check, report } from './checks.mjs'

const ollama = new Ollama({ host: process.argv[2] })
const options = { temperature: 0, num_predict: 8, seed: 1 }

await check('list', async () => {
  const { models } = await ollama.list()
  const tales = models.find((model) => model.name === 'tales:latest')
  assert.equal(tales.details.family, 'ple')
  assert.ok(!Number.isNaN(new Date(tales.modified_at).getTime()))
})

await check('version', async () => assert.match((await ollama.version()).version, /^\d+\.\d+\.\d+$/))

await check('show', async () => {
  const shown = await ollama.show({ model: 'tales' })
  assert.ok(shown.capabilities.includes('completion'))
  assert.ok(shown.template.includes('im_start'))
})

await check('generate', async () => {
  const whole = await ollama.generate({ model: 'plain', prompt: 'Once upon a time', options })
  assert.ok(whole.done && whole.eval_count === 8 && whole.done_reason === 'length')
  let text = ''
  for await (const part of await ollama.generate({ model: 'plain', prompt: 'Once upon a time', options, stream: true })) text += part.response
  assert.equal(text, whole.response)
  assert.ok(text.startsWith(', there was'))
})

await check('chat', async () => {
  const messages = [{ role: 'user', content: 'Tell me of a dog.' }]
  const whole = await ollama.chat({ model: 'tales', messages, options, keep_alive: '10m' })
  assert.equal(whole.message.role, 'assistant')
  let text = ''
  for await (const part of await ollama.chat({ model: 'tales', messages, options, stream: true })) text += part.message.content
  assert.equal(text, whole.message.content)
})

await check('tools', async () => {
  const tools = [{ type: 'function', function: { name: 'look', description: 'Looks.', parameters: { type: 'object', properties: { at: { type: 'string' } } } } }]
  const messages = [
    { role: 'user', content: 'Look!' },
    { role: 'assistant', content: '', tool_calls: [{ function: { name: 'look', arguments: { at: 'dog' } } }] },
    { role: 'tool', tool_name: 'look', content: 'It is red.' },
  ]
  const reply = await ollama.chat({ model: 'tales', messages, tools, options })
  assert.ok(reply.prompt_eval_count > 30)
})

await check('ps', async () => {
  const { models } = await ollama.ps()
  assert.ok(models.some((model) => model.name === 'tales:latest' && new Date(model.expires_at) > new Date()))
})

await check('embed', async () => {
  const { embeddings } = await ollama.embed({ model: 'plain', input: ['a dog', 'a cat'] })
  assert.equal(embeddings.length, 2)
  assert.ok(Math.abs(Math.hypot(...embeddings[0]) - 1) < 1e-4)
  const { embedding } = await ollama.embeddings({ model: 'plain', prompt: 'a dog' })
  assert.deepEqual(embedding, embeddings[0])
})

await check('create, copy and delete', async () => {
  const steps = []
  for await (const step of await ollama.create({ model: 'mine', from: 'tales', system: 'You bark.', parameters: { temperature: 0 }, stream: true })) steps.push(step.status)
  assert.equal(steps.at(-1), 'success')
  await ollama.copy({ source: 'mine', destination: 'yours' })
  assert.equal((await ollama.show({ model: 'yours' })).system, 'You bark.')
  await ollama.delete({ model: 'mine' })
  await ollama.delete({ model: 'yours' })
  await assert.rejects(ollama.show({ model: 'mine' }), /no model 'mine'/)
})

await check('pull', async () => {
  let last
  for await (const step of await ollama.pull({ model: 'hf.co/owner/repo', stream: true })) last = step
  assert.equal(last.status, 'success')
  await ollama.delete({ model: 'hf.co/owner/repo:Q4_K_M' })
  await assert.rejects(ollama.push({ model: 'tales' }), /pushes no models/)
})

await check('errors', async () => {
  await assert.rejects(ollama.chat({ model: 'nope', messages: [{ role: 'user', content: 'x' }] }), (fault) => fault.status_code === 404 && /no model 'nope'/.test(fault.message))
  await assert.rejects(ollama.generate({ model: 'plain', prompt: 'x', images: ['aGk='] }), /without a projector/)
})

await check('abort', async () => {
  const stream = await ollama.generate({ model: 'plain', prompt: 'Once', options: { num_predict: 400 }, stream: true })
  setTimeout(() => stream.abort(), 20)
  await assert.rejects(async () => {
    for await (const part of stream) void part
    throw new Error('It ended by itself.')
  }, (fault) => fault.name === 'AbortError' || /ended/.test(fault.message))
})

await check('unload', async () => {
  const closed = await ollama.generate({ model: 'plain', prompt: '', keep_alive: 0 })
  assert.equal(closed.done_reason, 'unload')
})

report()
