"""What all endpoints share: callers, idempotency, problem documents, limits, paging."""
