"""What several sides sign before it counts: more time, claims or goods for debt, costs, losses."""
