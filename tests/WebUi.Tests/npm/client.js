// Runs one call of the official client and prints what it gave, or what it threw.
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY, maxRetries: 0 });
const calls = {
  models: async () => (await client.models.list()).data,
  model: (name) => client.models.retrieve(name),
  generate: (request) => client.images.generate(request),
};

try {
  const [call, argument] = process.argv.slice(2);
  console.log(JSON.stringify({ answer: await calls[call](argument && JSON.parse(argument)) }));
} catch (error) {
  console.log(JSON.stringify({
    error: error.constructor.name, status: error.status, message: error.error?.message,
    type: error.type, param: error.param, code: error.code,
  }));
}
