"""Operations: what became of each command."""
