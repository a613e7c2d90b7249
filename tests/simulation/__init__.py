"""A simulation of gateways on a chain: one process, one event loop, virtual time, one seed."""
