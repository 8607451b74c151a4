"""What the Compare page shows: two runs, list, finding, truth and policy, as the session remembers and the address says them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chexview.evaluation.operating import Policy
from chexview.pages.state.operating import SessionPoints
from chexview.pages.state.run_choice import TRUTH

FIRST, SECOND, LIST, FINDING, POLICY = "first", "second", "list", "finding", "policy"


@dataclass(slots=True)
class ComparisonChoice:
    """One session's choices; "" is none yet."""

    first: str = ""
    second: str = ""
    list_name: str = ""
    finding: str = ""
    truth: str = ""
    address: dict[str, str] = field(default_factory=dict)
    requested: str = ""

    def adopt(self, address: Mapping[str, str]) -> bool:
        """Takes over an address that the page did not write; False if there is nothing to take over."""
        found = {key: address[key] for key in (FIRST, SECOND, LIST, FINDING, TRUTH, POLICY) if key in address}
        if not found or found == self.address:
            return False
        self.first, self.second = found.get(FIRST, self.first), found.get(SECOND, self.second)
        self.list_name, self.finding = found.get(LIST, self.list_name), found.get(FINDING, self.finding)
        self.truth, self.requested = found.get(TRUTH, ""), found.get(POLICY, "")
        self.address = found
        return True

    def apply(self, points: SessionPoints) -> None:
        """Carries the policy that the address requested for into the session's operating points, once."""
        requested, self.requested = self.requested, ""
        if requested in set(Policy) and requested != points.policy:
            points.choose_policy(Policy(requested))

    def settle(self, policy: Policy) -> dict[str, str]:
        """The address of what is shown now, remembered as the page's own."""
        self.address = {
            FIRST: self.first,
            SECOND: self.second,
            LIST: self.list_name,
            FINDING: self.finding,
            POLICY: policy.value,
        }
        if self.truth:
            self.address[TRUTH] = self.truth
        return self.address
