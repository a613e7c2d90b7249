"""How many findings about a receivable nobody has decided yet, for its verification."""

from __future__ import annotations

from app.gateway.gateway import Gateway
from app.gateway.read_as_of import AsOf
from app.oversight.crosschecks import decisions, standing


async def open_count(gateway: Gateway, receivable: int) -> tuple[int, AsOf]:
    """Open findings about a receivable, and the block as of which they are.

    The checks ran within the last minute, so that many verifications do not run them each.
    """
    now = await standing.recent(gateway)
    about = [
        finding.id
        for finding in now.findings
        if receivable in finding.receivables and not finding.explained
    ]
    decided = await gateway.storage.read(
        lambda connection: decisions.of_findings(connection, about)
    )
    return len(about) - len(decided), now.as_of
