/** Wallets of browser extensions: found by EIP-6963, spoken to by EIP-1193. */

const UNKNOWN_CHAIN = 4902;

/** @typedef {{info: {uuid: string, name: string, icon: string, rdns: string}, provider: any}} Found */

/** Every wallet that announces itself; calls back with each new one. */
export function discover(found) {
  const known = new Set();
  window.addEventListener("eip6963:announceProvider", ({ detail }) => {
    if (!detail?.info?.uuid || known.has(detail.info.uuid)) return;
    known.add(detail.info.uuid);
    found(detail);
  });
  window.dispatchEvent(new Event("eip6963:requestProvider"));
}

/** A wallet from before EIP-6963, if there is one. @returns {?Found} */
export function injected() {
  const provider = window.ethereum;
  return provider ? { info: { uuid: "injected", name: "Browser wallet", icon: "", rdns: "" }, provider } : null;
}

/**
 * Ask a wallet for an account. silent: only what it has allowed before.
 * @param {Found} found @param {import("../types.js").Run} run
 * @returns {Promise<?import("../types.js").Wallet>}
 */
export async function connect({ info, provider }, run, silent = false) {
  const [address] = await provider.request({ method: silent ? "eth_accounts" : "eth_requestAccounts" });
  if (!address) return null;
  if (!silent) await switchTo(provider, run);
  return {
    address,
    kind: "extension",
    name: info.name,
    provider,
    async send({ to, data, value }, gas) {
      await switchTo(provider, run);
      const call = { from: address, to, data, value: hex(value), gas: hex(gas) };
      return provider.request({ method: "eth_sendTransaction", params: [call] });
    },
    async sign({ domain, types, primaryType, message }) {
      await switchTo(provider, run);
      const content = { domain, types: { EIP712Domain: domainOf(domain), ...types }, primaryType, message };
      return provider.request({ method: "eth_signTypedData_v4", params: [address, JSON.stringify(content)] });
    },
  };
}

/** Whether a wallet looks at the run's chain. */
export async function onChain(provider, run) {
  return Number(await provider.request({ method: "eth_chainId" })) === run.chain_id;
}

/** Have a wallet look at the run's chain, which it may have to be told of. */
export async function switchTo(provider, run) {
  if (await onChain(provider, run)) return;
  const chainId = hex(run.chain_id);
  try {
    await provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId }] });
  } catch (error) {
    if ((error?.code ?? error?.data?.originalError?.code) !== UNKNOWN_CHAIN) throw error;
    const chain = {
      chainId,
      chainName: `p2p_cosim ${run.scenario}`,
      rpcUrls: [`${location.origin}/rpc`],
      nativeCurrency: { name: "Ether of the simulation", symbol: "ETH", decimals: 18 },
    };
    await provider.request({ method: "wallet_addEthereumChain", params: [chain] });
  }
  if (!(await onChain(provider, run))) {
    throw new Error(`Choose the network p2p_cosim ${run.scenario} in your wallet, then try again.`);
  }
}

const DOMAIN_TYPES = { name: "string", version: "string", chainId: "uint256", verifyingContract: "address", salt: "bytes32" };

/** The fields that a domain has, as wallets want them told. */
function domainOf(domain) {
  return Object.keys(domain).map((name) => ({ name, type: DOMAIN_TYPES[name] }));
}

function hex(value) {
  return `0x${BigInt(value).toString(16)}`;
}
