"""Claims: who holds which part of a receivable, how it got there, what was collected on it."""
