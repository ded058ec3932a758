// What openai-node sends and reads: `node openai_node.mjs BASE_URL KEY`, one JSON line a check.
import OpenAI from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const asked = { model: "none", messages: [{ role: "user", content: "LoRA 的缺点是什么?" }] };
const told = (name, value) => console.log(JSON.stringify({ name, value }));

told("models", (await client.models.list()).data.map((model) => model.id));
const whole = await client.chat.completions.create(asked);
told("whole", whole.choices[0].message.content);
told("citations", whole.choices[0].message.citations.length);

let text = "";
let usage = null;
const stream = await client.chat.completions.create({
  ...asked, stream: true, stream_options: { include_usage: true },
});
for await (const chunk of stream) {
  text += chunk.choices[0]?.delta?.content ?? "";
  usage = chunk.usage ?? usage;
}
told("streamed", text);
told("usage", usage.total_tokens);

const helper = client.chat.completions.stream(asked);
told("helper", (await helper.finalChatCompletion()).choices[0].message.content);

const history = [
  { role: "system", content: "You are a pirate." },
  { role: "user", content: [{ type: "text", text: "LoRA 的原理是什么?" }] },
  { role: "assistant", content: null, tool_calls: [
    { id: "1", type: "function", function: { name: "f", arguments: "{}" } }] },
  { role: "tool", tool_call_id: "1", content: "42" },
  { role: "assistant", content: "LoRA 冻结权重。[1]" },
  { role: "user", content: "它的缺点是什么?" },
];
const follow = await client.chat.completions.create({
  model: "none", messages: history, n: 1, stop: null, max_tokens: 4000, temperature: 0.2,
  response_format: { type: "text" }, tools: [], user: "u",
});
told("history", follow.choices[0].message.content);

const object = await client.chat.completions.create({
  ...asked, response_format: { type: "json_object" },
});
told("object", Object.keys(JSON.parse(object.choices[0].message.content)));

try {
  await client.chat.completions.create({ ...asked, model: "gpt-x" });
} catch (error) {
  told("unknown model", [error.constructor.name, error.status, error.code]);
}
try {
  await new OpenAI({ baseURL, apiKey: "wrong", maxRetries: 0 }).models.list();
} catch (error) {
  told("wrong key", [error.constructor.name, error.status]);
}
const controller = new AbortController();
const begun = await client.chat.completions.create(
  { ...asked, stream: true }, { signal: controller.signal });
controller.abort();
let chunks = 0;
try {
  for await (const chunk of begun) chunks += chunk.choices.length;
} catch { /* that it ends is all that is asked */ }
told("aborted", chunks >= 0);
