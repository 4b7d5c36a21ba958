// OpenAI's JavaScript client against a running Millrace.
//
//   MILLRACE_URL=http://127.0.0.1:8000 MILLRACE_MODEL=simulated/stream npm test
//
// The model must answer a chat with at least three tokens within half a minute.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';

const url = process.env.MILLRACE_URL ?? 'http://127.0.0.1:8000';
const model = process.env.MILLRACE_MODEL ?? 'simulated/stream';
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', maxRetries: 0, timeout: 30_000 });
const messages = [{ role: 'user', content: 'What is Millrace?' }];

async function inFlight() {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^millrace_requests_in_flight\{[^}]*\} (\S+)$/m.exec(text)[1]);
}

async function idle() {
  for (let i = 0; i < 200 && (await inFlight()) > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.equal(await inFlight(), 0);
}

test('plain chat', async () => {
  const chat = await client.chat.completions.create({ model, messages });

  assert.equal(chat.object, 'chat.completion');
  assert.equal(chat.model, model);
  assert.equal(chat.choices[0].message.role, 'assistant');
  assert.ok(chat.choices[0].message.content.length > 0);
  assert.ok(['stop', 'length'].includes(chat.choices[0].finish_reason));
  assert.equal(chat.usage.total_tokens, chat.usage.prompt_tokens + chat.usage.completion_tokens);
  assert.ok(chat._request_id);
});

test('streamed chat with usage', async () => {
  const stream = await client.chat.completions.create({
    model,
    messages,
    max_tokens: 8,
    stream: true,
    stream_options: { include_usage: true },
  });
  let role, finish, usage;
  let text = '';
  for await (const chunk of stream) {
    assert.equal(chunk.object, 'chat.completion.chunk');
    if (chunk.choices.length === 0) {
      usage = chunk.usage;
    } else {
      assert.equal(chunk.usage, null);
      assert.equal(finish, undefined, 'nothing but usage follows the finish reason');
      role ??= chunk.choices[0].delta.role;
      text += chunk.choices[0].delta.content ?? '';
      finish = chunk.choices[0].finish_reason ?? undefined;
    }
  }

  assert.equal(role, 'assistant');
  assert.ok(text.length > 0);
  assert.ok(['stop', 'length'].includes(finish));
  assert.ok(usage.completion_tokens >= 1 && usage.completion_tokens <= 8);
});

test('stream without usage has none', async () => {
  const stream = await client.chat.completions.create({ model, messages, max_tokens: 3, stream: true });
  for await (const chunk of stream) {
    assert.equal(chunk.usage, undefined);
    assert.equal(chunk.choices.length, 1);
  }
});

test('stream helper accumulates the whole message', async () => {
  const message = await client.chat.completions.stream({ model, messages, max_tokens: 8 }).finalMessage();
  assert.ok(message.content.length > 0);
});

// Long enough not to end by itself before it is left.
const long = { model, messages, stream: true, max_tokens: 900, ignore_eos: true };

test('cancelled stream frees the engine', async () => {
  const stream = await client.chat.completions.create(long);
  for await (const chunk of stream) {
    if (chunk.choices[0].delta.content) break;
  }
  await idle();
});

test('aborted request frees the engine', async () => {
  const abort = new AbortController();
  await assert.rejects(
    client.chat.completions.create(long, { signal: abort.signal }).then(async (stream) => {
      let seen = 0;
      for await (const _ of stream) {
        seen++;
        abort.abort();
      }
      assert.ok(seen < 200, `${seen} chunks came after the abort`);
      throw abort.signal.aborted ? new OpenAI.APIUserAbortError() : new Error('the stream ended by itself');
    }),
    OpenAI.APIUserAbortError,
  );
  await idle();
});

test('twenty chats at once are answered', async () => {
  const chats = await Promise.all(
    Array.from({ length: 20 }, () => client.chat.completions.create({ model, messages, max_tokens: 3 })),
  );
  assert.equal(new Set(chats.map((chat) => chat.id)).size, 20);
});

test('plain completion', async () => {
  const completion = await client.completions.create({ model, prompt: 'Once', max_tokens: 3 });
  assert.equal(completion.object, 'text_completion');
  assert.ok(completion.choices[0].text.length > 0);
});

test('models', async () => {
  const ids = [];
  for await (const entry of client.models.list()) ids.push(entry.id);
  assert.ok(ids.includes(model));
  assert.equal((await client.models.retrieve(model)).id, model);
});

test('errors are the client\'s own types', async () => {
  await assert.rejects(client.chat.completions.create({ model, messages, temperature: 9 }), (e) => {
    assert.ok(e instanceof OpenAI.BadRequestError);
    assert.equal(e.param, 'temperature');
    assert.equal(e.code, 'invalid_request');
    return true;
  });
  await assert.rejects(client.chat.completions.create({ model: 'nobody', messages }), (e) => {
    assert.ok(e instanceof OpenAI.NotFoundError);
    assert.equal(e.code, 'model_not_found');
    return true;
  });
  await assert.rejects(client.chat.completions.create({ model, messages, n: 2 }), (e) => {
    assert.equal(e.code, 'unsupported_value');
    return true;
  });
});

test('embeddings, as the client asks for them of its own accord and as numbers', async () => {
  const input = ['What is Millrace?', 'Bread'];
  const asked = await client.embeddings.create({ model, input });
  const numbers = await client.embeddings.create({ model, input, encoding_format: 'float' });

  assert.equal(asked.object, 'list');
  assert.equal(asked.model, model);
  assert.deepEqual(asked.data.map((entry) => entry.index), [0, 1]);
  for (const [i, entry] of asked.data.entries()) {
    const length = Math.hypot(...entry.embedding);
    assert.ok(Math.abs(length - 1) < 1e-4, `length ${length}`);
    entry.embedding.forEach((value, k) => assert.ok(Math.abs(value - numbers.data[i].embedding[k]) < 1e-3));
  }
  assert.equal(asked.usage.prompt_tokens, asked.usage.total_tokens);
  await idle();
});
