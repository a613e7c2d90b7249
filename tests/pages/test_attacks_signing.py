"""The page shows all that is signed: a call inside a message too, with its own warnings."""

from __future__ import annotations

from typing import Any

from app.pages.rendering import environment

PAGE = '{% import "parts/kit.html" as kit with context %}{% include "parts/described.html" %}'
Json = dict[str, Any]


def words(text: str) -> Json:
    return {"text": text, "template": text, "arguments": {}}


def described(title: str, **more: Any) -> Json:
    parts = {"known": True, "rows": [], "hidden": [], "warnings": []}
    return {"title": title, "sentence": words(f"{title} in words"), **parts, **more}


def row(label: str, value: str, call: Json | None = None) -> Json:
    shown_value = words(value) | {"parts": [], "amount": None, "currency": None}
    more: Json = {"path": label, "kind": "text", "place": [], "call": call}
    return {"label": label, "value": shown_value, **more}


def shown(item: Json) -> str:
    domain = {"name": "Cession", "verifyingContract": "0x" + "11" * 20, "chainId": 1}
    template = environment().from_string(PAGE)
    return template.render(
        described=item,
        typed_data={"primaryType": "Order", "domain": domain},
        fields=[("call", "0x1234")],
        zone=0,
    )


def test_call_inside_a_message_stands_in_words_with_its_warnings() -> None:
    inner = described(
        "Move the claim",
        rows=[row("New holder", "<b>Thief & Co.</b>")],
        warnings=[words("The contract is none of this ledger")],
    )
    page = shown(described("Order a call", rows=[row("Call that is ordered", "0x1234", inner)]))
    for text in (
        "Order a call in words",
        "Move the claim in words",
        "The contract is none of this ledger",
        "&lt;b&gt;Thief &amp; Co.&lt;/b&gt;",
    ):
        assert text in page, text
    assert "<b>" not in page


def test_message_that_nobody_knows_shows_its_raw_fields_at_once() -> None:
    assert "<details open>" in shown(described("Unknown", known=False))
    assert "<details open>" not in shown(described("Known"))


def test_payment_that_waits_for_a_signature_is_not_called_paid() -> None:
    jinja = environment()
    item = {"id": 7, "unpaid": {"amount": "5.00", "currency": "CNY"}}
    page = jinja.get_template("money/paid.html")

    def results(state: str) -> str:
        context = page.new_context(
            {
                "kit": jinja.get_template("parts/kit.html").make_module({"zone": 0}),
                "results": [(item, {"id": "x", "state": state, "error": None}, None)],
                "left": [],
                "first": None,
            }
        )
        return "".join(page.blocks["main"](context))

    assert ">paid<" not in results("prepared")
    assert "waits for your signature" in results("prepared")
    assert ">paid<" in results("final")
