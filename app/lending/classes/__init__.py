"""Classes of loans by risk, by the rule set of their product."""
