/** viem against a chain: what a page or a script does with it. */
import {
  BaseError, createPublicClient, createTestClient, createWalletClient, decodeEventLog, defineChain, encodeDeployData,
  encodeFunctionData, http, parseAbiItem, parseEther,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { step, tell, worldOf } from "./world.mjs";

const world = worldOf();
const { probe: { abi, bytecode }, bob } = world;
const account = privateKeyToAccount(world.key);
const chain = defineChain({
  id: world.chainId, name: "tried", nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: [world.url] } },
});
const transport = http(world.url, { batch: true, retryCount: 0 });
const reader = createPublicClient({ chain, transport, pollingInterval: 50, cacheTime: 0 });
const writer = createWalletClient({ account, chain, transport });
const first = { owner: account.address, amount: 3n, kind: 1 };
const TAG = parseAbiItem("event Tagged(string indexed tag, bytes data)");
const TYPED = {
  domain: { name: "tried", version: "1", chainId: world.chainId },
  types: { Order: [{ name: "energy", type: "uint32" }, { name: "trader", type: "address" }] },
  primaryType: "Order", message: { energy: 300, trader: bob },
};
const probe = { abi, address: null };
const hashes = {};
const watched = { blocks: [], logs: [], ends: [] };
let filters = {};

const send = async (name, call) => { hashes[name] = await writer.sendTransaction(call); };
const data = (functionName, args) => encodeFunctionData({ abi, functionName, args });
const reading = (functionName, args = []) => reader.readContract({ ...probe, functionName, args });

async function waitFor(there) {
  for (let tries = 0; tries < 100 && !there(); tries += 1) await new Promise((done) => setTimeout(done, 50));
}

const reads = {
  "chain id": () => reader.getChainId(),
  "block number": () => reader.getBlockNumber(),
  "balance": () => reader.getBalance({ address: account.address }),
  "balance that waits": () => reader.getBalance({ address: account.address, blockTag: "pending" }),
  "gas price": () => reader.getGasPrice(),
  "tip": () => reader.estimateMaxPriorityFeePerGas(),
  "fees": () => reader.estimateFeesPerGas(),
  "fee history": () => reader.getFeeHistory({ blockCount: 2, rewardPercentiles: [10, 90] }),
  "request prepared": () => writer.prepareTransactionRequest({ to: bob, value: 1n }),
  "code of nobody": () => reader.getCode({ address: bob }),
  "no block": () => reader.getBlock({ blockNumber: 16_000_000n }),
  "no transaction": () => reader.getTransaction({ hash: `0x${"12".repeat(32)}` }),
  "no receipt": () => reader.getTransactionReceipt({ hash: `0x${"12".repeat(32)}` }),
  "simple payment estimated": () => reader.estimateGas({ account, to: bob, value: 1n }),
};

const begins = {
  "deploy": async () => {
    hashes.deploy = await writer.deployContract({ abi, bytecode, args: [1000n, first] });
    await step(world);
    const receipt = await reader.waitForTransactionReceipt({ hash: hashes.deploy, timeout: 20_000 });
    probe.address = receipt.contractAddress;
    return receipt;
  },
  "filters": async () => {
    filters = {
      blocks: await reader.createBlockFilter(),
      logs: await reader.createContractEventFilter({ ...probe, eventName: "Stored", fromBlock: 0n }),
      pending: await reader.createPendingTransactionFilter(),
    };
    watched.ends = [
      reader.watchBlockNumber({ onBlockNumber: (number) => watched.blocks.push(number) }),
      reader.watchContractEvent({ ...probe, eventName: "Stored", onLogs: (logs) => watched.logs.push(...logs) }),
    ];
    return Object.values(filters).map(({ type }) => type);
  },
  "sent, of every type": async () => {
    const call = { to: probe.address, gas: 300_000n };
    await send("legacy", { ...call, type: "legacy", gasPrice: 2n, data: data("store", [1n, 5]) });
    await send("list", { ...call, type: "eip2930", gasPrice: 2n, accessList: [], data: data("store", [2n, 500]) });
    await send("fee", { ...call, maxFeePerGas: 3n, maxPriorityFeePerGas: 1n, data: data("tag", ["hot", "0x1234"]) });
    hashes.written = await writer.writeContract({ ...probe, functionName: "nest", args: [2n] });
    await send("refused", { ...call, data: data("store", [3n, 1001]) });
    await send("payment", { to: bob, value: parseEther("0.5") });
    return Object.keys(hashes);
  },
  "transaction that waits": () => reader.getTransaction({ hash: hashes.legacy }),
  "nonce that waits": () => reader.getTransactionCount({ address: account.address, blockTag: "pending" }),
  "news of what waits": async () => (await reader.getFilterChanges({ filter: filters.pending })).length,
  "block that waits": () => reader.getBlock({ blockTag: "pending" }),
  "mined": async () => {
    await step(world);
    await Promise.all(Object.values(hashes).map((hash) => reader.waitForTransactionReceipt({ hash, timeout: 20_000 })));
  },
};

const ofTransactions = Object.fromEntries(["deploy", "legacy", "list", "fee", "written", "refused", "payment"].flatMap((name) => [
  [`transaction ${name}`, () => reader.getTransaction({ hash: hashes[name] })],
  [`receipt ${name}`, () => reader.getTransactionReceipt({ hash: hashes[name] })],
]));

const blockOf = async () => (await reader.getTransactionReceipt({ hash: hashes.fee })).blockHash;
const after = {
  "nonce": () => reader.getTransactionCount({ address: account.address }),
  "confirmations": async () => typeof (await reader.getTransactionConfirmations({ hash: hashes.fee })),
  "block": async () => reader.getBlock({ blockHash: await blockOf() }),
  "block with all": async () => reader.getBlock({ blockHash: await blockOf(), includeTransactions: true }),
  "count of a block": async () => typeof (await reader.getBlockTransactionCount({ blockHash: await blockOf() })),
  "by place": async () => reader.getTransaction({ blockHash: await blockOf(), index: 0 }),
  "code": () => reader.getCode({ address: probe.address }),
  "logs": () => reader.getLogs({ address: probe.address, event: TAG, fromBlock: 0n }),
  "logs of an owner": () => reader.getContractEvents({ ...probe, eventName: "Stored", args: { owner: account.address }, fromBlock: 0n, strict: true }),
  "logs of nobody": () => reader.getContractEvents({ ...probe, eventName: "Stored", args: { owner: bob }, fromBlock: 0n }),
  "logs of a block": async () => reader.getLogs({ address: probe.address, blockHash: await blockOf() }),
  "log read": async () => {
    const [log] = (await reader.getTransactionReceipt({ hash: hashes.fee })).logs;
    return decodeEventLog({ abi, ...log });
  },
  "new blocks": async () => (await reader.getFilterChanges({ filter: filters.blocks })).length > 0,
  "new logs": () => reader.getFilterChanges({ filter: filters.logs }),
  "all logs of a filter": () => reader.getFilterLogs({ filter: filters.logs }),
  "filter removed": () => reader.uninstallFilter({ filter: filters.logs }),
  "filter that is gone": () => reader.getFilterChanges({ filter: filters.logs }),
  "watched": async () => {
    await waitFor(() => watched.logs.length >= 2 && watched.blocks.length >= 1);
    watched.ends.forEach((end) => end());
    return watched.logs;
  },
};

const calls = {
  "read": () => reading("limit"),
  "read a struct": () => reading("basket"),
  "read together": () => Promise.all([reading("values", [1n]), reading("values", [2n]), reading("limit")]),
  "read what waits": () => reader.readContract({ ...probe, functionName: "limit", blockTag: "pending" }),
  "simulated": async () => (await reader.simulateContract({ ...probe, account, functionName: "store", args: [9n, 7] })).result,
  "error of the contract": () => reader.simulateContract({ ...probe, account, functionName: "store", args: [9n, 1001] }),
  "error in an estimate": () => reader.estimateContractGas({ ...probe, account, functionName: "store", args: [9n, 1001] }),
  "error without words": () => reading("silent"),
  "panic": () => reading("panic", [0n]),
  "error before it is sent": () => writer.writeContract({ ...probe, functionName: "store", args: [9n, 1001] }),
  "estimated": () => reader.estimateContractGas({ ...probe, account, functionName: "store", args: [9n, 7] }),
  "deployment called": () => reader.call({ account, data: encodeDeployData({ abi, bytecode, args: [1000n, first] }) }),
  "typed data verified": async () => {
    const signature = await account.signTypedData(TYPED);
    return Promise.all([account.address, bob].map((address) => reader.verifyTypedData({ ...TYPED, address, signature })));
  },
  "message verified": async () => {
    const signature = await account.signMessage({ message: "hello" });
    return reader.verifyMessage({ address: account.address, message: "hello", signature });
  },
};

const refusals = {
  "nonce of the past": () => writer.sendTransaction({ to: bob, nonce: 0, gas: 21_000n, maxFeePerGas: 3n, maxPriorityFeePerGas: 1n }),
  "more than one has": () => writer.sendTransaction({ to: bob, value: parseEther("1000"), gas: 21_000n, maxFeePerGas: 3n, maxPriorityFeePerGas: 1n }),
  "too little gas": () => writer.sendTransaction({ to: bob, gas: 20_000n, maxFeePerGas: 3n, maxPriorityFeePerGas: 1n }),
  "no such method": () => createTestClient({ chain, transport, mode: "ganache" }).request({ method: "eth_noSuchThing" }),
};

await tell({ ...reads, ...begins, ...ofTransactions, ...after, ...calls, ...refusals }, (error) => {
  const inside = error instanceof BaseError ? [] : [String(error)];
  error.walk?.((each) => { inside.push(each.name); });
  const { data: reverted } = error.walk?.((each) => each.data?.errorName) ?? {};
  return { names: inside, reverted: reverted ? [reverted.errorName, reverted.args] : null };
});
