"""The limits of rule sets, with the figure of each, and what lenders state of themselves."""
