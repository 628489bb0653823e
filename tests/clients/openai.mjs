// Drives Thimble's server with OpenAI's own client. Usage: node openai.mjs ADDRESS. Prints the number of checks.
import assert from 'node:assert/strict'
import OpenAI from 'openai'
import { check, report } from './checks.mjs'

const openai = new OpenAI({ baseURL: new URL('v1', process.argv[2]).href, apiKey: 'none', maxRetries: 0 })
const model = 'stories'
const messages = [{ role: 'user', content: 'Once upon a time' }]
const look = { name: 'look', description: 'Looks.', parameters: { type: 'object', properties: { at: { enum: ['it', 'that'] } }, required: ['at'], additionalProperties: false } }
const age = { type: 'object', properties: { age: { type: 'integer', minimum: 1, maximum: 99 } }, required: ['age'], additionalProperties: false }

await check('models', async () => {
  const all = []
  for await (const one of await openai.models.list()) all.push(one.id)
  assert.ok(all.includes(model))
  assert.equal((await openai.models.retrieve(model)).object, 'model')
})

await check('chat', async () => {
  const answer = await openai.chat.completions.create({ model, messages, max_tokens: 8, n: 2, logprobs: true, top_logprobs: 2 })
  assert.equal(answer.choices.length, 2)
  assert.ok(answer.choices.every((choice) => ['stop', 'length'].includes(choice.finish_reason) && choice.logprobs.content[0].top_logprobs.length === 2))
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens)
})

await check('chat, streamed', async () => {
  const stream = openai.chat.completions.stream({ model, messages, max_tokens: 8, stream_options: { include_usage: true } })
  let text = ''
  stream.on('content', (piece) => (text += piece))
  const final = await stream.finalChatCompletion()
  assert.equal(final.choices[0].message.content, text)
  assert.ok(final.usage.completion_tokens > 0)
})

await check('tools', async () => {
  const asked = { model, messages, tools: [{ type: 'function', function: look }], tool_choice: 'required', parallel_tool_calls: false, max_tokens: 200, seed: 4, reasoning_effort: 'none' }
  const answer = await openai.chat.completions.create(asked)
  assert.equal(answer.choices[0].finish_reason, 'tool_calls')
  const [call] = answer.choices[0].message.tool_calls
  assert.ok(['it', 'that'].includes(JSON.parse(call.function.arguments).at))
  const final = await openai.chat.completions.stream(asked).finalChatCompletion()
  assert.equal(final.choices[0].message.tool_calls[0].function.name, 'look')
  const more = [...messages, answer.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'It is red.' }]
  assert.ok((await openai.chat.completions.create({ model, messages: more, tools: asked.tools, max_tokens: 4 })).usage.prompt_tokens > answer.usage.prompt_tokens)
})

await check('json_schema', async () => {
  const answer = await openai.chat.completions.parse({
    model, messages, max_tokens: 100, seed: 4, reasoning_effort: 'none', response_format: { type: 'json_schema', json_schema: { name: 'age', strict: true, schema: age } },
  })
  const { age: years } = JSON.parse(answer.choices[0].message.content)
  assert.ok(Number.isInteger(years) && years >= 1 && years <= 99)
})

await check('completions', async () => {
  const answer = await openai.completions.create({ model, prompt: 'Once upon', max_tokens: 4, echo: true, logprobs: 1, temperature: 0 })
  assert.ok(answer.choices[0].text.startsWith('Once upon'))
  assert.equal(answer.choices[0].logprobs.tokens.length, answer.choices[0].logprobs.token_logprobs.length)
  let text = ''
  for await (const part of await openai.completions.create({ model, prompt: 'Once upon', max_tokens: 4, temperature: 0, stream: true })) text += part.choices[0]?.text ?? ''
  assert.equal(`Once upon${text}`, answer.choices[0].text)
})

await check('embeddings', async () => {
  const vectors = await openai.embeddings.create({ model, input: ['a dog', 'a cat'] })   // the client asks for base64 by itself
  const plain = await openai.embeddings.create({ model, input: ['a dog'], encoding_format: 'float', dimensions: 8 })
  assert.equal(vectors.data.length, 2)
  assert.equal(plain.data[0].embedding.length, 8)
  assert.ok(Math.abs(Math.hypot(...vectors.data[0].embedding) - 1) < 1e-3)
})

await check('responses', async () => {
  const first = await openai.responses.create({ model, input: 'Once upon a time', max_output_tokens: 8 })
  assert.equal(typeof first.output_text, 'string')
  assert.equal((await openai.responses.retrieve(first.id)).id, first.id)
  const stream = openai.responses.stream({ model, input: 'And then?', previous_response_id: first.id, max_output_tokens: 8 })
  let text = ''
  for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta
  assert.equal((await stream.finalResponse()).output_text, text)
  await openai.responses.delete(first.id)
  await assert.rejects(openai.responses.retrieve(first.id), OpenAI.NotFoundError)
})

await check('errors', async () => {
  await assert.rejects(openai.chat.completions.create({ model, messages, temperature: -1 }), (fault) => fault instanceof OpenAI.BadRequestError && fault.param === 'temperature')
  await assert.rejects(openai.chat.completions.create({ model: 'nobody', messages }), OpenAI.NotFoundError)
})

await check('abort', async () => {
  const stream = await openai.chat.completions.create({ model, messages, stream: true })
  for await (const _ of stream) break
  assert.ok(stream.controller.signal.aborted)
})

report()
