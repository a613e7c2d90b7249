"""Studies of the valuation on past data: the back-test on retail sales, and the replay of prices.

They read files, call the pure modules of app.domain.valuation, and write tables and plots.
"""
