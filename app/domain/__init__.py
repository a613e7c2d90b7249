"""Money, ids, days: no input or output, and no imports from other packages of the app."""
