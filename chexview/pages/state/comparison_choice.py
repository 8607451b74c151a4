"""What the Compare page shows: two runs, a list, a finding and a policy, as the session remembers and the address says them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chexview.evaluation.operating import Policy

FIRST, SECOND, LIST, FINDING, POLICY = "first", "second", "list", "finding", "policy"


@dataclass(slots=True)
class ComparisonChoice:
    """One session's choices; "" is none yet."""

    first: str = ""
    second: str = ""
    list_name: str = ""
    finding: str = ""
    policy: Policy = Policy.SPECIFICITY_90
    address: dict[str, str] = field(default_factory=dict)

    def adopt(self, address: Mapping[str, str]) -> bool:
        """Takes over an address that the page did not write; False where there is nothing to take over."""
        told = {key: address[key] for key in (FIRST, SECOND, LIST, FINDING, POLICY) if key in address}
        if not told or told == self.address:
            return False
        self.first, self.second = told.get(FIRST, self.first), told.get(SECOND, self.second)
        self.list_name, self.finding = told.get(LIST, self.list_name), told.get(FINDING, self.finding)
        if told.get(POLICY) in {policy.value for policy in Policy}:
            self.policy = Policy(told[POLICY])
        self.address = told
        return True

    def settle(self) -> dict[str, str]:
        """The address of what is shown now, remembered as the page's own."""
        self.address = {
            FIRST: self.first,
            SECOND: self.second,
            LIST: self.list_name,
            FINDING: self.finding,
            POLICY: self.policy.value,
        }
        return self.address
