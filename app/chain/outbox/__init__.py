"""Operations, their intents and keys."""
