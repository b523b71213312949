"""A market with the toys of tests/fixtures in front of it and behind it."""

from pathlib import Path

from market_world import RULES, World

from p2p_cosim.chain.artifact import load_artifact, parse_artifact
from p2p_cosim.chain.contract import deploy
from p2p_cosim.market.deployment import deploy_rule
from p2p_cosim.market.rules import Places

FIXTURES = Path(__file__).parents[1] / "fixtures"


def fixture(name):
    source = FIXTURES / f"{name}.json"
    return parse_artifact(source.read_text(encoding="utf-8"), source.name)


class SeamWorld(World):
    """A market with toys in its seams. excess: as of ToySettlement; None for the shipped rule.

    admission: whether there is one, or the name of a fixture other than ToyAdmission.
    """

    def __init__(self, rules=RULES, *, admission=False, excess=None, chain=None):
        self.admits = "ToyAdmission" if admission is True else admission
        self.excess = excess
        super().__init__(rules, chain)

    def deploy(self):
        operator = self.address("operator")
        shipped = self.excess is None
        rule = load_artifact("DualPrice") if shipped else fixture("ToySettlement")
        settlement = deploy(self.chain, rule, [] if shipped else [self.excess], operator)
        more = {"tariff_setter": self.address("tariff setter")}
        if self.admits:
            self.admission = deploy(self.chain, fixture(self.admits), [], operator)
            more["admission"] = self.admission.address
        clearing = deploy_rule(self.chain, self.rules.mechanism, 5_000, operator)
        roles = map(self.address, ("operator", "meter_oracle", "utility", "surplus"))
        places = Places(*roles, clearing.address, settlement.address, **more)
        config = self.rules.config(places, self.chain.timestamp)
        return deploy(self.chain, load_artifact("OpenMarket"), [config], operator)

    def admit(self, *names):
        for name in names:
            self.admission.transact("register", self.address(name), sender=self.address("operator"))

    def set_admission(self, envelope_wh, charge):
        self.admission.transact("set", envelope_wh, charge, sender=self.address("operator"))
