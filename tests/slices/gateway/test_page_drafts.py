"""Forms that the pages store: what operations leave is counted apart from what people typed."""

from __future__ import annotations

import asyncio

from app.pages import forms
from tests.support.world import World


def test_what_operations_leave_for_another_try_pushes_no_typed_form_out(world: World) -> None:
    gateway, owner, typed = world.server.gateway, "nobody's", [("amount", "7.00")]

    async def keep_many() -> forms.Form | None:
        name = await forms.keep_draft(gateway, owner, typed, why="ended")
        assert name is not None
        for number in range(forms.MAX_DRAFTS + 1):
            of_operation = forms.of_operation(str(number))
            await forms.keep_draft(gateway, owner, typed, why="rejected", name=of_operation)
        assert await forms.draft(gateway, owner, forms.of_operation("0")) is None, "the oldest goes"
        assert await forms.draft(gateway, owner, forms.of_operation("9")) is not None
        assert await forms.draft(gateway, "another", name) is None
        return await forms.draft(gateway, owner, name)

    form = asyncio.run(keep_many())
    assert form is not None and form.value("amount") == "7.00"
