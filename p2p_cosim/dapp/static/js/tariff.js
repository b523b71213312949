/** What the utility takes and pays, tick by tick. */

/**
 * The prices of a tick, in wei per Wh.
 * @param {import("./types.js").Run} run @returns {{retail: bigint, feedIn: bigint}}
 */
export function tariffAt(run, tick) {
  const { base, changes = [] } = run.tariff;
  const since = changes.filter(([first]) => first <= tick).at(-1);
  const [, retail, feedIn] = since ?? base ?? [0, run.tariff.retail_wei_per_wh, run.tariff.feed_in_wei_per_wh];
  return { retail: BigInt(retail), feedIn: BigInt(feedIn) };
}

/** Let `run.tariff` be that of a tick, for all pages that tell it. @param {import("./types.js").Run} run */
export function useTariff(run, tick) {
  const { tariff } = run;
  if (!tariff.changes?.length) return;
  tariff.base ??= [0, tariff.retail_wei_per_wh, tariff.feed_in_wei_per_wh];
  const { retail, feedIn } = tariffAt(run, tick);
  tariff.retail_wei_per_wh = String(retail);
  tariff.feed_in_wei_per_wh = String(feedIn);
}
