"""Claims: who holds which part of a receivable, by which assignments, and what was collected."""
