"""Reserves, losses, and who bears which part of one."""
