"""What all endpoints share: callers, idempotency, problem documents, limits, pages of lists."""
