"""The stories of `cession demo`; they use the gateway's own HTTP interface and nothing else."""
