"""What must hold between fields. Each check yields findings and knows the fields it read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from p2p_cosim.core.limits import MAX_ACCOUNT_WEI, MAX_PRICE_WEI_PER_WH
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.core.roles import controller_facts
from p2p_cosim.core.web import link_problem
from p2p_cosim.feeders import regulators_of
from p2p_cosim.scenario.schema import device_checks, fault_checks, house_checks, tariff_checks
from p2p_cosim.scenario.schema.fields import AT_LOADS, BY_LOAD
from p2p_cosim.scenario.schema.problems import Finding, show

if TYPE_CHECKING:
    from p2p_cosim.scenario.schema.scenario import Scenario


def findings(scenario: Scenario) -> list[Finding]:
    """Everything that does not fit together, in the order of the sections."""
    checks = (
        _clock,
        _feeder,
        _profiles,
        _market,
        _phases,
        _deposits,
        _bond,
        _prices,
        tariff_checks.over_time,
        _control,
        fault_checks.faults,
        house_checks.notify,
        _chain,
        house_checks.backup,
        house_checks.traders,
        device_checks.devices,
    )
    return [finding for check in checks for finding in check(scenario)]


def _clock(scenario: Scenario) -> Iterator[Finding]:
    clock = scenario.clock
    if clock.power_flow_min and clock.interval_min % clock.power_flow_min:
        divisors = [n for n in range(1, clock.interval_min) if not clock.interval_min % n]
        yield Finding(
            ("clock.power_flow_min", "clock.interval_min"),
            f"{clock.power_flow_min} does not divide clock.interval_min {clock.interval_min}: "
            f"write one of {', '.join(map(str, divisors)) or 'nothing'}",
        )


def _feeder(scenario: Scenario) -> Iterator[Finding]:
    yield from _sites(scenario)
    taps, control = scenario.feeder.taps, scenario.control
    name = scenario.feeder.name
    regulators = len(regulators_of(name))
    if taps != "settle" and scenario.feeder.master is None and len(taps) != regulators:
        yield Finding(
            ("feeder.taps", "feeder.name"),
            f"{show(list(taps))} has {len(taps)} taps, and {name} has {regulators} regulators: "
            "give one each, or write settle",
        )
    outside = [
        tap
        for tap in taps
        if isinstance(tap, int) and not control.min_tap <= tap <= control.max_tap
    ]
    if outside and control.min_tap <= control.max_tap:
        yield Finding(
            ("feeder.taps", "control.min_tap", "control.max_tap"),
            f"tap {outside[0]} is outside control.min_tap {control.min_tap} to control.max_tap "
            f"{control.max_tap}: change one of them",
        )


def _sites(scenario: Scenario) -> Iterator[Finding]:
    sites, at = scenario.houses.sites, ("houses.sites", "feeder.name")
    if sites in (BY_LOAD, AT_LOADS):
        return
    default = type(scenario.feeder)()
    if places := scenario.places:
        name, known = scenario.feeder.name, places.primary
        known = (*known, *places.composite)
        unknown = [site for site in sites if site not in known]
        if unknown:
            hint = did_you_mean(unknown[0], known)
            yield Finding(
                at, f"{show(unknown[0])} is not a primary node (bus.phase) of {name}{hint}"
            )
    elif scenario.feeder != default and sites == type(scenario.houses)().sites:
        yield Finding(
            at, f"are those of {default.name}: name nodes of this feeder, or write by_load"
        )


def _profiles(scenario: Scenario) -> Iterator[Finding]:
    profiles = scenario.profiles
    if profiles.source == "csv" and profiles.csv is None:
        yield Finding(
            ("profiles.csv", "profiles.source"),
            "is missing: source csv needs a file, such as data/measured_day.csv",
        )
    if profiles.source == "generated" and profiles.csv is not None:
        yield Finding(
            ("profiles.csv", "profiles.source"),
            f"{show(profiles.csv)} would not be read, because source is generated: "
            "write source: csv, or remove csv",
        )


def _market(scenario: Scenario) -> Iterator[Finding]:
    market, tariff = scenario.market, scenario.tariff
    least_wh = market.least_order_wh(scenario.clock.interval_min * 60)
    if least_wh > market.max_order_wh:
        yield Finding(
            ("market.min_order_wh", "market.max_order_wh", "clock.interval_min"),
            f"{least_wh} exceeds max_order_wh {market.max_order_wh}: lower it",
        )
    if scenario.houses.count > market.max_orders:
        yield Finding(
            ("market.max_orders", "houses.count"),
            f"{market.max_orders} is below houses.count {scenario.houses.count}: each house may "
            "place an order, so raise it",
        )
    if market.max_orders_per_trader and market.max_orders_per_trader > market.max_orders:
        yield Finding(
            ("market.max_orders_per_trader", "market.max_orders"),
            f"{market.max_orders_per_trader} exceeds max_orders {market.max_orders}: lower it",
        )
    worth_wei = market.max_order_wh * tariff.price_wei_per_wh(market.max_price_eur_per_kwh)
    if worth_wei > MAX_ACCOUNT_WEI:
        yield Finding(
            ("market.max_order_wh", "market.max_price_eur_per_kwh", "tariff.eur_per_ether"),
            f"{market.max_order_wh} at market.max_price_eur_per_kwh "
            f"{market.max_price_eur_per_kwh:g} is {worth_wei / 1e18:.3g} ether, and an account "
            "holds at most 9.2: lower one of them, or raise tariff.eur_per_ether",
        )


def _phases(scenario: Scenario) -> Iterator[Finding]:
    market = scenario.market
    if market.grace_min < scenario.clock.interval_min:
        yield Finding(
            ("market.grace_min", "clock.interval_min"),
            f"{market.grace_min} is below clock.interval_min {scenario.clock.interval_min}: "
            "anybody could settle during delivery, so raise it",
        )
    # Commitments, reveals, the clearing and the settlement have blocks of their own.
    longest_s = scenario.clock.interval_min * 60 - 3
    if market.submission == "sealed" and market.reveal_s > longest_s:
        yield Finding(
            ("market.reveal_s", "clock.interval_min"),
            f"{market.reveal_s} leaves no time to clear a round and settle it before the next "
            f"gate: at most {longest_s}, and at least 60, in an interval of "
            f"{scenario.clock.interval_min} min, so lower it or raise clock.interval_min",
        )


def _deposits(scenario: Scenario) -> Iterator[Finding]:
    tariff = scenario.tariff
    for name in ("deposit_eur", "bulk_deposit_eur", "utility_deposit_eur"):
        eur = getattr(scenario.market, name)
        if tariff.amount_wei(eur) > MAX_ACCOUNT_WEI:
            yield Finding(
                (f"market.{name}", "tariff.eur_per_ether"),
                f"{eur:g} EUR is {eur / tariff.eur_per_ether:.3g} ether, and an account holds "
                f"at most 9.2: lower it to {9.2 * tariff.eur_per_ether:g}, or raise "
                "tariff.eur_per_ether",
            )


def _bond(scenario: Scenario) -> Iterator[Finding]:
    market = scenario.market
    if market.submission != "sealed":
        return
    if market.bond_eur > market.deposit_eur:
        yield Finding(
            ("market.bond_eur", "market.deposit_eur"),
            f"{market.bond_eur:g} exceeds deposit_eur {market.deposit_eur:g}: no house could pay "
            "it in, and all orders would be refused, so lower it or raise the deposit",
        )
    if scenario.tariff.amount_wei(market.bond_eur) < 1:
        yield Finding(
            ("market.bond_eur", "tariff.eur_per_ether"),
            f"{market.bond_eur:g} EUR is less than a wei: raise it",
        )


def _prices(scenario: Scenario) -> Iterator[Finding]:
    tariff, limit = scenario.tariff, scenario.market.max_price_eur_per_kwh
    retail, feed_in = tariff.retail_eur_per_kwh, tariff.feed_in_eur_per_kwh
    if feed_in > retail:
        yield Finding(
            ("tariff.feed_in_eur_per_kwh", "tariff.retail_eur_per_kwh"),
            f"{feed_in:g} exceeds retail_eur_per_kwh {retail:g}: buying to sell back would pay, "
            "so lower it",
        )
    if retail > limit:
        yield Finding(
            ("tariff.retail_eur_per_kwh", "market.max_price_eur_per_kwh"),
            f"{retail:g} exceeds market.max_price_eur_per_kwh {limit:g}: a truthful buyer could "
            "not bid, so lower it or raise the limit",
        )
    named = tariff.network_eur_per_kwh + tariff.levies_eur_per_kwh
    most = retail / (1 + tariff.vat_share)
    if named > most:
        yield Finding(
            tuple(f"tariff.{name}_eur_per_kwh" for name in ("network", "levies", "retail")),
            f"{tariff.network_eur_per_kwh:g} and levies_eur_per_kwh {tariff.levies_eur_per_kwh:g} "
            f"exceed retail without VAT, {most:.4g}: nothing is left for energy, so lower them",
        )
    limit_wei = tariff.price_wei_per_wh(limit)
    if not 1 <= limit_wei <= MAX_PRICE_WEI_PER_WH:
        yield Finding(
            ("market.max_price_eur_per_kwh", "tariff.eur_per_ether"),
            f"{limit:g} is {limit_wei} wei/Wh, and the contract takes 1 to "
            f"{MAX_PRICE_WEI_PER_WH}: change it or tariff.eur_per_ether",
        )


def _control(scenario: Scenario) -> Iterator[Finding]:
    control = scenario.control
    if control.v_min_pu + control.margin_pu >= control.v_max_pu - control.margin_pu:
        yield Finding(
            ("control.v_min_pu", "control.v_max_pu", "control.margin_pu"),
            f"{control.v_min_pu:g} leaves no band below v_max_pu {control.v_max_pu:g} with "
            f"margin_pu {control.margin_pu:g} on both sides: lower it, or the margin",
        )
    yield from _arms(scenario)
    if control.min_tap > control.max_tap:
        yield Finding(
            ("control.min_tap", "control.max_tap"),
            f"{control.min_tap} exceeds max_tap {control.max_tap}: lower it",
        )


def _arms(scenario: Scenario) -> Iterator[Finding]:
    """Options that only some controllers read, and how they go with the band and the feeder."""
    control, feeder = scenario.control, scenario.feeder
    inside = control.margin_pu + control.trigger_margin_pu
    if control.trigger_margin_pu and control.v_min_pu + inside >= control.v_max_pu - inside:
        yield Finding(
            ("control.trigger_margin_pu", "control.v_min_pu", "control.v_max_pu"),
            f"{control.trigger_margin_pu:g} and margin_pu {control.margin_pu:g} on both sides "
            f"leave no band from {control.v_min_pu:g} to {control.v_max_pu:g}: lower it",
        )
    if control.inverters and controller_facts(control.controller).inverters:
        yield Finding(
            ("control.inverters", "control.controller"),
            f"{control.inverters} has no controller of taps beside it, because controller is "
            f"{control.controller}: write hold, regcontrol, reactive or look_ahead there",
        )
    regulators = len(regulators_of(feeder.name))
    points = control.set_points_v
    if points is not None and feeder.master is None and len(points) != regulators:
        yield Finding(
            ("control.set_points_v", "feeder.name"),
            f"{show(list(points))} has {len(points)} set points, and {feeder.name} has "
            f"{regulators} regulators: give one each",
        )
    if feeder.settle_at != "full_load" and feeder.taps == "settle" and not feeder.spot_loads.scale:
        yield Finding(
            ("feeder.settle_at", "feeder.spot_loads.scale"),
            "needs published loads, and their scale is 0: write full_load, or give the taps",
        )


def _chain(scenario: Scenario) -> Iterator[Finding]:
    chain, at = scenario.chain, ("chain.url", "chain.backend")
    if chain.backend == "jsonrpc" and chain.url is None:
        yield Finding(at, "is missing: backend jsonrpc needs it, such as http://127.0.0.1:8545")
    if chain.backend != "jsonrpc" and chain.url is not None:
        yield Finding(at, f"is for backend jsonrpc, not {chain.backend}: remove one of them")
    if chain.url is not None and (wrong := link_problem(chain.url)):
        yield Finding(("chain.url",), wrong)
