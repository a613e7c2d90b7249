"""Agreements that several sides sign: extensions, set-offs, settlements in kind, costs, losses."""
