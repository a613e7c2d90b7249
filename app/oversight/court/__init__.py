"""Orders of a court: one regulator issues, after a delay another one carries out."""
