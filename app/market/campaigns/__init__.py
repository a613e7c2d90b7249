"""Crowdfunding campaigns: all or nothing, released by milestones."""
