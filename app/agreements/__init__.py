"""What several sides sign before it counts: extensions, set-offs, costs, sharings, insurance."""
