"""Scorecards: points, tier and limit of a party from evidence, in whole numbers and explained."""
