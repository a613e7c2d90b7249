"""The story told by `cession demo`, through the gateway's own HTTP interface and nothing else."""
