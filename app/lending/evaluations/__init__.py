"""Evaluations: cases in six steps, at whose end a rater signs a tier."""
