"""What the Compare page shows: two runs, a list, a finding and a policy, as the session remembers and the address says them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chexview.evaluation.operating import Policy
from chexview.pages.state.operating import SessionPoints

FIRST, SECOND, LIST, FINDING, POLICY = "first", "second", "list", "finding", "policy"


@dataclass(slots=True)
class ComparisonChoice:
    """One session's choices; "" is none yet."""

    first: str = ""
    second: str = ""
    list_name: str = ""
    finding: str = ""
    address: dict[str, str] = field(default_factory=dict)
    asked: str = ""

    def adopt(self, address: Mapping[str, str]) -> bool:
        """Takes over an address that the page did not write; False where there is nothing to take over."""
        found = {key: address[key] for key in (FIRST, SECOND, LIST, FINDING, POLICY) if key in address}
        if not found or found == self.address:
            return False
        self.first, self.second = found.get(FIRST, self.first), found.get(SECOND, self.second)
        self.list_name, self.finding = found.get(LIST, self.list_name), found.get(FINDING, self.finding)
        self.asked = found.get(POLICY, "")
        self.address = found
        return True

    def apply(self, points: SessionPoints) -> None:
        """Carries the policy that the address asked for into the session's operating points, once."""
        asked, self.asked = self.asked, ""
        if asked in set(Policy) and asked != points.policy:
            points.choose_policy(Policy(asked))

    def settle(self, policy: Policy) -> dict[str, str]:
        """The address of what is shown now, remembered as the page's own."""
        self.address = {
            FIRST: self.first,
            SECOND: self.second,
            LIST: self.list_name,
            FINDING: self.finding,
            POLICY: policy.value,
        }
        return self.address
