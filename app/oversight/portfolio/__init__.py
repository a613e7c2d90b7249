"""Figures of what is lent: roll rates, vintages, losses to expect, concentration, stress."""
