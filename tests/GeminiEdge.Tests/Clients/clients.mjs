// The SDKs that people use against GEMINI_EDGE_URL with GEMINI_EDGE_KEY: nothing but their base URL is changed.
// Prints "ok NAME" or "not ok NAME: reason" per check; exits 1 if any failed.
import assert from 'node:assert/strict';
import { ApiError, GoogleGenAI } from '@google/genai';
import OpenAI, { NotFoundError } from 'openai';
import { checks as files } from './files.mjs';
import { checks as langchain } from './langchain.mjs';
import { collect, embedder, key, model, url } from './setup.mjs';
import { checks as vercel } from './vercel.mjs';

const gemini = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });
const openai = new OpenAI({ apiKey: key, baseURL: `${url}/v1beta/openai/` });
const weather = {
  name: 'get_weather',
  description: 'The weather in a city.',
};
const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

async function uploadAndAsk(bytes) {
  const file = await gemini.files.upload({
    file: new Blob([Buffer.alloc(bytes, 'sandbox ')], { type: 'text/plain' }),
    config: { displayName: `${bytes} bytes` },
  });
  assert.match(file.name, /^files\//);
  assert.equal(Number(file.sizeBytes), bytes);
  assert.equal((await gemini.files.get({ name: file.name })).uri, file.uri);
  const answer = await gemini.models.generateContent({
    model,
    contents: [{ role: 'user', parts: [{ fileData: { fileUri: file.uri, mimeType: file.mimeType } }, { text: 'What is in it?' }] }],
  });
  assert.ok(answer.text.includes('What is in it?'));
  assert.ok((await collect(await gemini.files.list())).some(({ name }) => name === file.name));
  await gemini.files.delete({ name: file.name });
  await assert.rejects(gemini.files.get({ name: file.name }), (error) => error instanceof ApiError && error.status === 403);
}

const checks = {
  async generate() {
    const answer = await gemini.models.generateContent({ model, contents: 'Say hello.' });
    assert.ok(answer.text.length > 0);
    assert.ok(answer.modelVersion);
    assert.ok(answer.usageMetadata.totalTokenCount > 0);
  },

  async stream() {
    const chunks = await collect(await gemini.models.generateContentStream({ model, contents: 'Count from one to five.' }));
    assert.ok(chunks.length > 1, `${chunks.length} chunk`);
    assert.equal(new Set(chunks.map(({ responseId }) => responseId)).size, 1);
    assert.ok(chunks.map(({ text }) => text).join('').includes('one to five'));
    assert.equal(chunks.at(-1).candidates[0].finishReason, 'STOP');
  },

  async chat() {
    const chat = gemini.chats.create({ model });
    const first = await chat.sendMessage({ message: 'My name is Ada.' });
    const second = await chat.sendMessage({ message: 'What is my name?' });
    assert.ok(first.text.length > 0);
    assert.ok(second.usageMetadata.promptTokenCount > first.usageMetadata.promptTokenCount, 'the history did not arrive');
    assert.equal(chat.getHistory(true).length, 4);
  },

  async 'chat-stream'() {
    const chat = gemini.chats.create({ model });
    assert.ok((await collect(await chat.sendMessageStream({ message: 'My name is Ada.' }))).length > 1);
    assert.ok((await collect(await chat.sendMessageStream({ message: 'What is my name?' }))).length > 1);
    assert.equal(chat.getHistory(true)[0].parts[0].text, 'My name is Ada.');
  },

  async 'function-call'() {
    const config = { tools: [{ functionDeclarations: [{ ...weather, parametersJsonSchema: city }] }] };
    const question = { role: 'user', parts: [{ text: 'What is the weather in Oslo?' }] };
    const first = await gemini.models.generateContent({ model, contents: [question], config });
    const [call] = first.functionCalls;
    assert.equal(call.name, 'get_weather');
    assert.equal(typeof call.args.city, 'string');
    const result = { role: 'user', parts: [{ functionResponse: { id: call.id, name: call.name, response: { sky: 'clear' } } }] };
    const second = await gemini.models.generateContent({ model, contents: [question, first.candidates[0].content, result], config });
    assert.equal(second.functionCalls, undefined);
    assert.ok(second.text.length > 0);
  },

  async 'count-tokens'() {
    assert.ok((await gemini.models.countTokens({ model, contents: 'How many tokens are these?' })).totalTokens > 0);
  },

  async embed() {
    const { embeddings } = await gemini.models.embedContent({ model: embedder, contents: ['one', 'two'], config: { outputDimensionality: 64 } });
    assert.deepEqual(embeddings.map(({ values }) => values.length), [64, 64]);
    assert.notDeepEqual(embeddings[0].values, embeddings[1].values);
  },

  async models() {
    const names = (await collect(await gemini.models.list({ config: { pageSize: 2 } }))).map(({ name }) => name);
    assert.ok(names.includes(`models/${model}`) && names.length > 2, names.join());
    assert.equal((await gemini.models.get({ model })).name, `models/${model}`);
  },

  'upload-small': () => uploadAndAsk(20_000),
  'upload-chunked': () => uploadAndAsk(9_500_000),

  async cache() {
    const cache = await gemini.caches.create({ model, config: { contents: 'A long text. '.repeat(400), ttl: '600s' } });
    const answer = await gemini.models.generateContent({ model, contents: 'Summarise it.', config: { cachedContent: cache.name } });
    assert.ok(answer.usageMetadata.cachedContentTokenCount > 0);
    const updated = await gemini.caches.update({ name: cache.name, config: { ttl: '1200s' } });
    assert.ok(updated.expireTime > cache.expireTime);
    await gemini.caches.delete({ name: cache.name });
    await assert.rejects(gemini.caches.get({ name: cache.name }), (error) => error instanceof ApiError && error.status === 403);
  },

  async json() {
    const schema = { type: 'object', properties: { city: { type: 'string' }, sky: { enum: ['clear', 'grey'] }, highs: { type: 'array', items: { type: 'integer' }, minItems: 2 } }, required: ['city', 'sky', 'highs'] };
    const fits = ({ city, sky, highs }) => typeof city === 'string' && ['clear', 'grey'].includes(sky) && highs.length >= 2 && highs.every(Number.isInteger);
    const config = { responseMimeType: 'application/json', responseJsonSchema: schema };
    assert.ok(fits(JSON.parse((await gemini.models.generateContent({ model, contents: 'The weather in Oslo?', config })).text)));
    const chunks = await collect(await gemini.models.generateContentStream({ model, contents: 'The weather in Oslo?', config }));
    assert.ok(fits(JSON.parse(chunks.map(({ text }) => text ?? '').join(''))));
  },

  async batch() {
    const made = await gemini.batches.create({ model, src: ['One?', 'Two?'].map((contents) => ({ contents })), config: { displayName: 'both' } });
    const done = await gemini.batches.get({ name: made.name });
    assert.equal(done.state, 'JOB_STATE_SUCCEEDED');
    assert.deepEqual(done.dest.inlinedResponses.map(({ response }) => response.candidates[0].content.parts[0].text.slice(-4)), ['One?', 'Two?']);
    await gemini.batches.delete({ name: made.name });
  },

  async interaction() {
    const first = await gemini.interactions.create({ model, input: 'Say hello.' });
    assert.equal(first.status, 'completed');
    const events = await collect(await gemini.interactions.create({ model, input: 'Again.', previous_interaction_id: first.id, stream: true }));
    assert.equal(events.at(-1).event_type, 'interaction.completed');
    assert.equal((await gemini.interactions.get(first.id)).id, first.id);
    await gemini.interactions.delete(first.id);
  },

  async 'unknown-model'() {
    const request = { model: 'gemini-0-none', contents: 'Hello?' };
    const unknown = (error) => error instanceof ApiError && error.status === 404 && JSON.parse(error.message).error.code === 404;
    await assert.rejects(gemini.models.generateContent(request), unknown);
    await assert.rejects(gemini.models.generateContentStream(request), (error) => error instanceof ApiError && error.status === 404);
  },

  async 'openai-chat'() {
    const { choices, usage } = await openai.chat.completions.create({ model, messages: [{ role: 'user', content: 'Say hello.' }] });
    assert.ok(choices[0].message.content.length > 0);
    assert.equal(choices[0].finish_reason, 'stop');
    assert.ok(usage.total_tokens > 0);
  },

  async 'openai-stream'() {
    const chunks = await collect(await openai.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'Count from one to five.' }],
      stream: true,
      stream_options: { include_usage: true },
    }));
    assert.ok(chunks.length > 2, `${chunks.length} chunks`);
    assert.ok(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('').includes('one to five'));
    assert.ok(chunks.at(-1).usage.total_tokens > 0);
  },

  async 'openai-tools'() {
    const tools = [{ type: 'function', function: { ...weather, parameters: city } }];
    const messages = [{ role: 'user', content: 'What is the weather in Oslo?' }];
    const first = await openai.chat.completions.create({ model, messages, tools });
    const [{ message, finish_reason }] = first.choices;
    assert.equal(finish_reason, 'tool_calls');
    assert.equal(message.tool_calls[0].function.name, 'get_weather');
    assert.equal(typeof JSON.parse(message.tool_calls[0].function.arguments).city, 'string');
    messages.push(message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: '{"sky":"clear"}' });
    const second = await openai.chat.completions.create({ model, messages, tools });
    assert.ok(second.choices[0].message.content.length > 0);
  },

  async 'openai-embeddings'() {
    const { data } = await openai.embeddings.create({ model: embedder, input: ['one', 'two'], dimensions: 64 });
    assert.deepEqual(data.map(({ embedding }) => embedding.length), [64, 64]);
    assert.ok(data[0].embedding.every((value) => Math.abs(value) <= 1));
  },

  async 'openai-models'() {
    const names = (await collect(await openai.models.list())).map(({ id }) => id);
    assert.ok(names.includes(`models/${model}`), names.join());
  },

  async 'openai-unknown-model'() {
    const request = { model: 'gemini-0-none', messages: [{ role: 'user', content: 'Hello?' }] };
    await assert.rejects(openai.chat.completions.create(request), (error) => error instanceof NotFoundError && error.status === 404);
  },
};

let failed = 0;
for (const [name, check] of Object.entries({ ...checks, ...files, ...vercel, ...langchain })) {
  try {
    await check();
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`not ok ${name}: ${String(error?.message ?? error).replaceAll(/\s+/g, ' ').slice(0, 500)}`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
