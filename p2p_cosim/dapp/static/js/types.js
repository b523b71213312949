/**
 * What the server answers, as docs/dapp-api.md tells it, and what the modules hand each other.
 * Wei from the server are decimal strings, in the page bigint.
 *
 * @typedef {{mode: "paused"|"playing"|"done"|"failed", tick: number, ticks: number, time: string,
 *   seconds_per_tick: ?number, gate_closes_in_s: ?number, block: number, waiting: number,
 *   error: ?string}} Clock
 * @typedef {{name: string, address: string, bus: string, phase: string, transformer: string}} Site
 * @typedef {{scenario: string, description: string, seed: number, run: string, chain_id: number,
 *   market: string, deployed_in: number, resets: number, players: number, roles: Object<string, string>,
 *   interval_s: number, ticks: number, start: string, tariff: {retail_wei_per_wh: string,
 *   feed_in_wei_per_wh: string, eur_per_ether: number, changes?: [number, string, string][],
 *   base?: [number, string, string]}, limits: Object, houses: Site[],
 *   map: ?Object, carried_by: (?number)[], elements: {name: string, kind: string, rated_a: number}[],
 *   regulators: Object, tap_ranges: Object<string, number[]>, faucet_wei: string, token: string, salt: string,
 *   abi: Object[], people?: Hand[]}} Run
 * @typedef {{house: string, address: string, account: string, leads: boolean, since: number}} Hand
 * @typedef {{name: string, v_pu: ?number, p_kw: ?number, load_kw: ?number, pv_kw: ?number,
 *   battery_kw: ?number, stored_wh: ?number, supplied: boolean, feed: string,
 *   forecast_wh: ?number, contracted_wh: ?number, metered_wh: ?number, imbalance_wh: ?number,
 *   balance_wei: string, open_wei: string, energy_wh: number}} House
 * @typedef {{house: string, address: string, sell_from_wei_per_wh: string,
 *   buy_up_to_wei_per_wh: string, until: number, wh_a_day: number}} Mandate
 * @typedef {{id: number, tick: number, kind: string, place: string, detector: string,
 *   standing: "active"|"acknowledged"|"shelved"|"cleared", until: ?number, reminder: boolean}} Standing
 * @typedef {{house: string, name: string, present: boolean, rounds: number, paid_wei: string,
 *   tariff_wei: string, saved_wei: string}} Player
 * @typedef {{house: string, path: string,
 *   sellers: {name: string, ask_wei_per_wh: ?string, spare_wh: number}[]}} Offer
 * @typedef {{clock: Clock, resets: number, market: ?Object, houses: House[], others: Object[], people: Hand[], mandates: Mandate[], signed: SignedOrder[], board: Standing[], class: Player[],
 *   taps_by_hand: Object<string, number>, grid: ?Object,
 *   alarms: {tick: number, kind: string, place: string, detector: string}[],
 *   offers: Offer[]}} State
 *
 * @typedef {"bid"|"ask"} Side
 * @typedef {{id: number, trader: string, side: Side, energyWh: number, priceWei: bigint}} Order
 * @typedef {{balanceWei: bigint, positionWei: bigint, lockedWei: bigint, energyWh: number,
 *   nonce: number}} Account
 * @typedef {{domain: Object, types: Object, primaryType: string, message: Object}} Typed
 * @typedef {{trader: string, side: Side, energy_wh: number, price_wei_per_wh: string, round: number,
 *   nonce: number, expiry: number}} SignedOrder
 * @typedef {{to: string, data: string, value: bigint}} Call
 * @typedef {{address: string, kind: "demo"|"extension", name: string,
 *   send: (call: Call, gas: bigint) => Promise<string>,
 *   sign: (typed: Typed) => Promise<string>}} Wallet
 */
export {};
