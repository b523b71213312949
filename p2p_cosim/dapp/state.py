"""Where a run stands, as the JSON of docs/dapp-api.md. Amounts of wei are decimal strings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict

from p2p_cosim.core.types import Account, BackupOffer, TickRecord
from p2p_cosim.dapp.drawn import carried_by
from p2p_cosim.dapp.faucet import FAUCET_WEI
from p2p_cosim.dapp.session import Session
from p2p_cosim.market.deployment import METER_ORACLE, OPERATOR, UTILITY
from p2p_cosim.record.tariffs import changes_of, told_changes

Json = dict[str, object]


def run_of(session: Session) -> Json:
    """What does not change while a run goes on."""
    scenario, info, market = session.scenario, session.info, session.market
    return {
        "scenario": scenario.name,
        "description": scenario.description,
        "seed": scenario.seed,
        "run": info.run_id,
        "chain_id": session.chain_id,
        "market": market.contract.address,
        "deployed_in": session.chain.first,
        "resets": session.resets,
        "players": len(session.classroom.seats) if session.classroom else 0,
        "roles": {r: session.chain.account(r) for r in (OPERATOR, METER_ORACLE, UTILITY)},
        "interval_s": scenario.clock.clock().interval_s,
        "ticks": scenario.clock.ticks,
        "start": scenario.clock.clock().start.isoformat(),
        "tariff": _tariff(session),
        "limits": _limits(session),
        **_feeder(session),
        "faucet_wei": str(FAUCET_WEI),
        "token": session.token,
        "salt": f"0x{session.salt.hex()}",
        "abi": market.contract.abi,
    }


def _tariff(session: Session) -> Json:
    tariff = session.scenario.tariff.tariff()
    return {
        "retail_wei_per_wh": str(tariff.retail_wei_per_wh),
        "feed_in_wei_per_wh": str(tariff.feed_in_wei_per_wh),
        "eur_per_ether": session.scenario.tariff.eur_per_ether,
        "changes": told_changes(changes_of(tariff, session.info.tariffs)),
    }


def _feeder(session: Session) -> Json:
    """Houses, the map with what its lines are, and regulators."""
    grid, feeder_map = session.simulation.model.grid, session.info.feeder_map
    elements = session.info.rated_elements
    return {
        "houses": [
            {
                "name": site.name,
                "address": session.chain.account(site.name),
                "bus": site.bus,
                "phase": site.phase,
                "transformer": site.transformer,
            }
            for site in grid.houses
        ],
        "map": feeder_map,
        "carried_by": carried_by(feeder_map, [element.name for element in elements]),
        "elements": [asdict(element) for element in elements],
        "regulators": dict(grid.regulators),
        "tap_ranges": {
            name: [site.min_tap, site.max_tap] for name, site in grid.regulator_sites.items()
        },
    }


def _limits(session: Session) -> Json:
    scenario = session.scenario
    return {
        "max_price_wei_per_wh": str(
            scenario.tariff.price_wei_per_wh(scenario.market.max_price_eur_per_kwh)
        ),
        "min_order_wh": scenario.market.min_order_wh,
        "max_order_wh": scenario.market.max_order_wh,
        "v_min_pu": scenario.control.v_min_pu,
        "v_max_pu": scenario.control.v_max_pu,
    }


def state_of(session: Session, clock: Mapping[str, object]) -> Json:
    """Where the run stands. clock: what the player says of it."""
    record = session.simulation.last
    accounts = session.market.ledger().accounts if record is None else record.ledger.accounts
    houses = {site.name for site in session.simulation.model.grid.houses}
    others = [{"name": n, **_money(a)} for n, a in accounts.items() if n not in houses]
    return {
        "clock": dict(clock),
        "resets": session.resets,
        "market": record and _market(record),
        "houses": _houses(record, accounts) if record else [],
        "others": others,
        "people": session.hands.people(),
        "mandates": session.mandates.told(),
        "signed": session.signed_orders.waiting(),
        "class": session.classroom.board() if session.classroom else [],
        **session.operating.told(),
        "grid": record and _grid(session, record),
        "alarms": [
            {"tick": a.tick, "kind": a.kind, "place": a.place, "detector": a.detector}
            for a in (record.alarms if record else ())
        ],
        "offers": [_offer(offer) for offer in (record.offers if record else ())],
    }


def _offer(offer: BackupOffer) -> Json:
    return {
        "house": offer.house,
        "path": str(offer.path),
        "sellers": [
            {
                "name": seller.name,
                "ask_wei_per_wh": _wei(seller.ask_wei_per_wh),
                "spare_wh": seller.spare_wh,
            }
            for seller in offer.sellers
        ],
    }


def _market(record: TickRecord) -> Json:
    clearing = record.gate.clearing
    sides = [str(p.order.side) for p in record.gate.placements if p.in_book]
    return {
        "tick": record.tick,
        "price_wei_per_wh": _wei(clearing.price_wei_per_wh),
        "energy_wh": clearing.energy_wh,
        "bids": sides.count("bid"),
        "asks": sides.count("ask"),
        "trades": [
            {
                "buyer": trade.buyer,
                "seller": trade.seller,
                "energy_wh": trade.energy_wh,
                "price_wei_per_wh": str(trade.price_wei_per_wh),
            }
            for trade in record.trades
        ],
    }


def _houses(record: TickRecord, accounts: Mapping[str, Account]) -> list[Json]:
    settled = {settlement.trader: settlement for settlement in record.settlements}
    rows: list[Json] = []
    for index, flows in enumerate(record.meters):
        settlement = settled.get(flows.trader)
        rows.append(
            {
                "name": flows.trader,
                "v_pu": _number(record.grid.house_v_pu[index]),
                "p_kw": _number(record.grid.house_p_kw[index]),
                "load_kw": _number(flows.load_kw),
                "pv_kw": _number(flows.pv_kw),
                "battery_kw": _number(flows.battery_kw),
                "stored_wh": _number(flows.stored_wh),
                "supplied": flows.supplied,
                "feed": str(flows.feed),
                "forecast_wh": flows.forecast_wh,
                "contracted_wh": settlement.contracted_wh if settlement else None,
                "metered_wh": settlement.metered_wh if settlement else None,
                "imbalance_wh": settlement.imbalance_wh if settlement else None,
                **_money(accounts[flows.trader]),
            }
        )
    return rows


def _grid(session: Session, record: TickRecord) -> Json:
    grid, state = session.simulation.model.grid, record.grid
    return {
        "head_p_kw": [_number(p_kw) for p_kw in state.head_p_kw],
        "losses_kw": _number(state.losses_kw),
        "taps": dict(zip(grid.regulators, map(int, state.taps), strict=True)),
        "moves": [
            {"regulator": move.regulator, "tap": move.tap, "reason": move.reason}
            for move in record.tap_moves
        ],
        "nodes": dict(zip(grid.node_names, map(_number, state.node_v_pu), strict=True)),
        "current_a": [_number(current_a) for current_a in state.current_a],
    }


def _money(account: Account) -> Json:
    return {
        "balance_wei": str(account.balance_wei),
        "open_wei": str(account.open_wei),
        "energy_wh": account.energy_wh,
    }


def _number(value: float) -> float | None:
    """Rounded to a millionth; JSON knows no NaN."""
    return round(float(value), 6) if math.isfinite(value) else None


def _wei(value: int | None) -> str | None:
    return None if value is None else str(value)
