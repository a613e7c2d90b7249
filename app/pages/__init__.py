"""Browser pages at `/app`. They reach every datum over `/v1`, as any other caller does."""
