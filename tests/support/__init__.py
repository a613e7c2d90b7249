"""What tests share: worlds, chains, banks, files."""
