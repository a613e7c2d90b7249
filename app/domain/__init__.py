"""Money, ids, days: no input or output, and no imports from the rest."""
