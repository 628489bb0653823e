// Drives Thimble's server with Anthropic's own client. Usage: node anthropic.mjs ADDRESS. Prints the number of checks.
import assert from 'node:assert/strict'
import Anthropic from '@anthropic-ai/sdk'
import { check, report } from './checks.mjs'

const anthropic = new Anthropic({ baseURL: process.argv[2].replace(/\/$/, ''), apiKey: 'none', maxRetries: 0 })
const model = 'stories'
const messages = [{ role: 'user', content: 'Once upon a time' }]
const tools = [{ name: 'look', description: 'Looks.', input_schema: { type: 'object', properties: { at: { enum: ['it', 'that'] } }, required: ['at'], additionalProperties: false } }]

await check('messages', async () => {
  const answer = await anthropic.messages.create({ model, messages, system: 'Be brief.', max_tokens: 8 })
  assert.equal(answer.type, 'message')
  assert.ok(['end_turn', 'max_tokens'].includes(answer.stop_reason))
  assert.ok(answer.usage.input_tokens + answer.usage.cache_read_input_tokens > 0)
})

await check('messages, streamed', async () => {
  const stream = anthropic.messages.stream({ model, messages, max_tokens: 8 })
  let text = ''
  stream.on('text', (piece) => (text += piece))
  const final = await stream.finalMessage()
  assert.equal(final.content.filter((block) => block.type === 'text').map((block) => block.text).join(''), text)
  assert.ok(final.usage.output_tokens > 0)
})

await check('tools', async () => {
  const asked = { model, messages, tools, tool_choice: { type: 'any', disable_parallel_tool_use: true }, max_tokens: 200, thinking: { type: 'disabled' } }
  const answer = await anthropic.messages.create(asked)
  const call = answer.content.find((block) => block.type === 'tool_use')
  assert.equal(answer.stop_reason, 'tool_use')
  assert.ok(['it', 'that'].includes(call.input.at))
  const streamed = await anthropic.messages.stream(asked).finalMessage()
  assert.equal(streamed.content.find((block) => block.type === 'tool_use').name, 'look')
  const more = [...messages, { role: 'assistant', content: answer.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'It is red.' }] }]
  assert.equal((await anthropic.messages.create({ model, messages: more, tools, max_tokens: 4 })).type, 'message')
})

await check('count_tokens', async () => {
  assert.ok((await anthropic.messages.countTokens({ model, messages })).input_tokens > 0)
})

await check('errors', async () => {
  await assert.rejects(anthropic.messages.create({ model, messages, max_tokens: 0 }), (fault) => fault instanceof Anthropic.BadRequestError && fault.error.type === 'error')
  await assert.rejects(anthropic.messages.create({ model: 'nobody', messages, max_tokens: 1 }), Anthropic.NotFoundError)
})

report()
