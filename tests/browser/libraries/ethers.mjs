/** ethers against a chain: what a page or a script does with it. */
import {
  Contract, ContractFactory, Interface, JsonRpcProvider, Wallet, parseEther, verifyTypedData,
} from "ethers";
import { step, tell, worldOf } from "./world.mjs";

const world = worldOf();
const { probe: { abi, bytecode }, bob } = world;
const reader = new JsonRpcProvider(world.url, undefined, { cacheTimeout: -1, pollingInterval: 50 });
const writer = new Wallet(world.key, reader);
const iface = new Interface(abi);
const first = { owner: writer.address, amount: 3n, kind: 1 };
const TYPES = { Order: [{ name: "energy", type: "uint32" }, { name: "trader", type: "address" }] };
const DOMAIN = { name: "tried", version: "1", chainId: world.chainId };
const GAS = { gasLimit: 300_000n };
const sent = {};
let probe = null, heard = [];

/** What ethers' classes hold, without the provider behind them. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value?.toJSON === "function" && value.provider) return plain(value.toJSON());
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== "_type").map(([name, each]) => [name, plain(each)]));
}

const receipt = (name) => reader.getTransactionReceipt(sent[name].hash);
const blockOf = async () => (await receipt("fee")).blockHash;

const reads = {
  "network": async () => (await reader.getNetwork()).chainId === BigInt(world.chainId),
  "block number": () => reader.getBlockNumber(),
  "balance": () => reader.getBalance(writer.address),
  "balance that waits": () => reader.getBalance(writer.address, "pending"),
  "fees": async () => ({ ...(await reader.getFeeData()) }),
  "code of nobody": () => reader.getCode(bob),
  "no block": () => reader.getBlock(16_000_000),
  "no transaction": () => reader.getTransaction(`0x${"12".repeat(32)}`),
  "no receipt": () => reader.getTransactionReceipt(`0x${"12".repeat(32)}`),
  "simple payment estimated": () => writer.estimateGas({ to: bob, value: 1n }),
  "request filled in": () => writer.populateTransaction({ to: bob, value: 1n }),
};

const begins = {
  "deploy": async () => {
    const made = await new ContractFactory(abi, bytecode, writer).deploy(1000n, first);
    sent.deploy = made.deploymentTransaction();
    await step(world);
    await made.waitForDeployment();
    probe = new Contract(await made.getAddress(), abi, writer);
    await probe.on("Stored", (key, owner, amount) => heard.push([key, owner, amount]));
    await reader.getBlockNumber(); // the listener asks from here on
    await new Promise((done) => setTimeout(done, 300));
  },
  "sent, of every type": async () => {
    let nonce = await writer.getNonce("pending");
    sent.legacy = await probe.store(1n, 5, { ...GAS, type: 0, gasPrice: 2n, nonce: nonce++ });
    sent.list = await probe.store(2n, 500, { ...GAS, type: 1, gasPrice: 2n, accessList: [], nonce: nonce++ });
    sent.fee = await probe.tag("hot", "0x1234", { ...GAS, maxFeePerGas: 3n, maxPriorityFeePerGas: 1n, nonce: nonce++ });
    sent.refused = await probe.store(3n, 1001, { ...GAS, nonce: nonce++ });
    sent.payment = await writer.sendTransaction({ to: bob, value: parseEther("0.5"), nonce });
    return Object.keys(sent);
  },
  "transaction that waits": () => reader.getTransaction(sent.legacy.hash),
  "nonce that waits": () => writer.getNonce("pending"),
  "mined": async () => {
    await step(world);
    const all = Object.entries(sent).map(([name, each]) => (name === "refused" ? each.wait().catch((error) => error.code) : each.wait()));
    return (await Promise.all(all)).map((each) => each?.status ?? each);
  },
};

const ofTransactions = Object.fromEntries(["deploy", "legacy", "list", "fee", "refused", "payment"].flatMap((name) => [
  [`transaction ${name}`, () => reader.getTransaction(sent[name].hash)],
  [`receipt ${name}`, () => receipt(name)],
]));

const after = {
  "nonce": () => writer.getNonce(),
  "block": async () => reader.getBlock(await blockOf()),
  "block with all": async () => (await reader.getBlock(await blockOf(), true)).prefetchedTransactions,
  "code": () => probe.getDeployedCode(),
  "logs": () => probe.queryFilter(probe.filters.Tagged(), 0),
  "logs of an owner": () => probe.queryFilter(probe.filters.Stored(null, writer.address), 0),
  "logs of nobody": () => probe.queryFilter(probe.filters.Stored(null, bob), 0),
  "logs of a block": async () => reader.getLogs({ address: await probe.getAddress(), blockHash: await blockOf() }),
  "log read": async () => iface.parseLog((await receipt("fee")).logs[0]).args.toArray().map((each) => each.hash ?? each),
  "heard": async () => {
    for (let tries = 0; tries < 100 && heard.length < 2; tries += 1) await new Promise((done) => setTimeout(done, 50));
    await probe.removeAllListeners();
    return heard;
  },
};

const calls = {
  "read": () => probe.limit(),
  "read a struct": async () => (await probe.basket()).toArray().map(String),
  "read together": () => Promise.all([probe.values(1n), probe.values(2n), probe.limit()]),
  "simulated": () => probe.store.staticCall(9n, 7),
  "error of the contract": () => probe.store.staticCall(9n, 1001),
  "error in an estimate": () => probe.store.estimateGas(9n, 1001),
  "error without words": () => probe.silent.staticCall(),
  "panic": () => probe.panic.staticCall(0n),
  "estimated": () => probe.store.estimateGas(9n, 7),
  "typed data verified": async () => {
    const message = { energy: 300, trader: bob };
    return verifyTypedData(DOMAIN, TYPES, message, await writer.signTypedData(DOMAIN, TYPES, message)) === writer.address;
  },
};

const CHEAP = { maxFeePerGas: 3n, maxPriorityFeePerGas: 1n, gasLimit: 21_000n };
const refusals = {
  "nonce of the past": () => writer.sendTransaction({ to: bob, nonce: 0, ...CHEAP }),
  "more than one has": () => writer.sendTransaction({ to: bob, value: parseEther("1000"), ...CHEAP }),
  "too little gas": () => writer.sendTransaction({ to: bob, ...CHEAP, gasLimit: 20_000n }),
  "no such method": () => reader.send("eth_noSuchThing", []),
};

const checks = { ...reads, ...begins, ...ofTransactions, ...after, ...calls, ...refusals };
const made = Object.entries(checks).map(([name, check]) => [name, async () => plain(await check())]);
await tell(Object.fromEntries(made), (error) => ({
  code: error.code ?? String(error),
  reverted: error.revert ? [error.revert.name, error.revert.args.map(String)] : null,
}));
