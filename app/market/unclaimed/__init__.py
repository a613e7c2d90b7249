"""Unclaimed money: a contract could not pay it out, so it waits there for its owner's party."""
