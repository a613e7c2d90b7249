"""Money that a contract could not pay out: it waits there for its owner's party."""
