"""Operations: the outcome of each command."""
