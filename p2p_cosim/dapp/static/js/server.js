/** The server's JSON API and JSON-RPC. Nothing is read through a wallet. */

/** An answer that tells what was wrong. */
export class ServerError extends Error {
  /** @param {string} [refusal] name of the market's error, where it would refuse what was signed */
  constructor(message, refusal) {
    super(message);
    this.refusal = refusal;
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

let token = "";

/** The run's token, which goes with everything that is posted. */
export function useToken(given) {
  token = given;
}

/** @param {string} path below /api @param {Object} [body] to POST */
export async function api(path, body) {
  const headers = { "Content-Type": "application/json", "X-P2P-Token": token };
  const post = body && { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await asked(`/api/${path}`, post);
  if (!answer.ok) {
    const { error, name } = await answer.json();
    throw new ServerError(error, name);
  }
  return answer.json();
}

/** One call of JSON-RPC. */
export async function rpc(method, params = []) {
  const [answer] = await rpcAll([[method, params]]);
  return answer;
}

/**
 * Calls of JSON-RPC, in batches; the first error is thrown.
 * @param {[string, any[]][]} calls
 */
export async function rpcAll(calls) {
  const results = [];
  for (let first = 0; first < calls.length; first += 100) {
    const batch = calls.slice(first, first + 100).map(([method, params], id) => ({ jsonrpc: "2.0", id, method, params }));
    const answer = await asked("/rpc", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(batch),
    });
    const content = await answer.json();
    if (!answer.ok) throw new ServerError(content.error ?? `the server answers ${answer.status}`);
    const byId = new Map(content.map((one) => [one.id, one]));
    for (const { id } of batch) {
      const one = byId.get(id);
      if (one.error) throw new RpcError(one.error);
      results.push(one.result);
    }
  }
  return results;
}

async function asked(path, options) {
  try {
    return await fetch(path, options);
  } catch {
    throw new ServerError("The server does not answer. Is p2p-cosim serve still running?");
  }
}
