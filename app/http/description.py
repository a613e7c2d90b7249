"""What FastAPI cannot know of the API: answers that come from around the endpoints, and from
commands that are waited for."""

from __future__ import annotations

from typing import Any

from app.http.problems import Problem, problem_answer

_EVERYWHERE = (
    (408, "The request was not whole in time; the connection is closed."),
    (411, "A body without its length."),
    (413, "Too many bytes."),
    (431, "Too many bytes of headers; the connection is closed."),
    (503, "Chain or store are away, or the gateway is full; nothing was done."),
)
_WITH_BODY = ((400, "The body cannot be read as what it says it is."),)
_WAITED = "It has ended (look at `state`), or it waits for the party's own wallet."
_UNDER_WAY = "It is kept, and on its way to the ledger."
_KEPT = "It is kept; nothing goes to the ledger."
_KEPT_TAGS = ("stock", "prices")
_METHODS = ("get", "put", "post", "delete", "patch")


def completed(schema: dict[str, Any]) -> dict[str, Any]:
    """The description with the problem document, and with every status that can come."""
    known = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = known.pop("$defs", {})
    schema["components"]["schemas"] |= {"Problem": known, **inner}
    for path, operations in schema["paths"].items():
        for method in _METHODS:
            if method in operations:
                _complete(operations[method], public=not path.startswith("/v1/"))
    return schema


def _complete(operation: dict[str, Any], *, public: bool) -> None:
    answers = operation["responses"]
    more = list(_EVERYWHERE)
    if "requestBody" in operation:
        more.extend(_WITH_BODY)
    if public:
        more.append((422, "A field or a query parameter does not hold."))
    for status, words in more:
        answers.setdefault(str(status), problem_answer(words))
    command = any(
        one["name"].lower() == "idempotency-key" for one in operation.get("parameters", ())
    )
    if command and not {"201", "202", "204"} & set(answers):
        answers["202"] = answers["200"] | {"description": _UNDER_WAY}
    if "202" in answers and any(name in operation.get("tags", ()) for name in _KEPT_TAGS):
        answers.setdefault("201", answers["202"] | {"description": _KEPT})
    if "202" in answers or "201" in answers:
        answered = answers.get("202") or answers["201"]
        answers.setdefault("200", answered | {"description": _WAITED})
    operation["responses"] = {status: answers[status] for status in sorted(answers)}
