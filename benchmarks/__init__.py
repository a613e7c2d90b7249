"""How fast it is, measured on this machine beside something else measured in the same run."""
