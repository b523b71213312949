/** The server's JSON API and JSON-RPC. Nothing is read through a wallet. */

/** An answer that tells what was wrong. */
export class ServerError extends Error {
  /**
   * @param {string} [refusal] name of the market's error, where it would refuse what was signed
   * @param {number} [status] of the answer, where there was one
   */
  constructor(message, refusal, status) {
    super(message);
    this.refusal = refusal;
    this.status = status;
  }
}

/** An error of JSON-RPC: geth's code and words, and the revert data if there is any. */
export class RpcError extends Error {
  constructor({ code, message, data }) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

const own = {};

/** The run's token, which goes with everything that is posted. */
export function useToken(given) {
  useHeader("X-P2P-Token", given);
}

/** A header that goes with everything that is asked of the API; null takes it away. */
export function useHeader(name, value) {
  if (value === null) delete own[name];
  else own[name] = value;
}

/** An answer: JSON, or the text of a `.csv`. @param {string} path below /api @param {Object} [body] to POST */
export async function api(path, body) {
  const headers = { "Content-Type": "application/json", ...own };
  const post = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers: own };
  const answer = await asked(`/api/${path}`, post);
  if (!answer.ok) {
    const { error, name } = await answer.json();
    throw new ServerError(error, name, answer.status);
  }
  return path.endsWith(".csv") ? answer.text() : answer.json();
}

const MOST_CALLS = 100; // of a batch
let waiting = [];

/** One call of JSON-RPC. Calls that are made at once travel together. */
export function rpc(method, params = []) {
  return new Promise((resolve, reject) => {
    if (!waiting.length) queueMicrotask(sendWaiting);
    waiting.push({ method, params, resolve, reject });
  });
}

/**
 * Calls of JSON-RPC; the first error is thrown.
 * @param {[string, any[]][]} calls
 */
export function rpcAll(calls) {
  return Promise.all(calls.map(([method, params]) => rpc(method, params)));
}

function sendWaiting() {
  const calls = waiting;
  waiting = [];
  for (let first = 0; first < calls.length; first += MOST_CALLS) sendBatch(calls.slice(first, first + MOST_CALLS));
}

async function sendBatch(calls) {
  try {
    const batch = calls.map(({ method, params }, id) => ({ jsonrpc: "2.0", id, method, params }));
    const answer = await asked("/rpc", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(batch),
    });
    const content = await answer.json();
    if (!answer.ok) throw new ServerError(content.error ?? `the server answers ${answer.status}`);
    for (const { id, error, result } of content) {
      if (error) calls[id].reject(new RpcError(error));
      else calls[id].resolve(result);
    }
  } catch (error) {
    for (const { reject } of calls) reject(error); // those that were answered stay so
  }
}

async function asked(path, options) {
  try {
    return await fetch(path, options);
  } catch {
    throw new ServerError("The server does not answer. Is p2p-cosim serve still running?");
  }
}
