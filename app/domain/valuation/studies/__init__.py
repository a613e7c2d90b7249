"""Studies of the valuation on files of the past: the back-test on retail sales and the replay.

They read files, call the pure modules of app.domain.valuation, and write tables and plots.
"""
